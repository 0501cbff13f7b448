"""What stands in and around articles and is none of their text, in our own words; and what only speaks of it."""

from __future__ import annotations

import dataclasses

from support import sample_pages
from support.sample_pages import TITLE


@dataclasses.dataclass(frozen=True)
class Noise:
    """Markup and some of its words. ``where`` it stands: among the paragraphs, behind the last, below the headline."""

    markup: str
    words: tuple[str, ...]
    where: str = "inside"

    def on(self, house: str) -> str:
        if self.where == "inside":
            return sample_pages.page(sample_pages.lines(inside=self.markup), house=house)
        if self.where == "after":
            return sample_pages.page(sample_pages.lines(after=self.markup), house=house)
        return sample_pages.page(house=house, **{self.where: self.markup})


CARD = """<div class="newsbox"><a class="section" href="/region">Region</a>
<a class="title" href="/region/{slug}.html">{title}</a><span class="pubdate">19. Mai 2024</span>
<p class="flash">{text}</p></div>"""
CARDS = "".join(
    CARD.format(slug=slug, title=title, text=text)
    for slug, title, text in (
        ("faehre-4700", "Die Fähre nach Hallum fährt bald mit Strom", "Zwei Jahre lang wurde umgebaut, nun "
        "legt sie ab."),
        ("moor-4701", "Ein Moor wird nass und keiner ist dagegen", "In Süderbrook haben sich Bauern und "
        "Naturschützer verbündet."),
        ("glocke-4702", "Die Glocke von Nordkrog bekommt einen "
        "neuen Klang", "Ein Gießer aus dem Binnenland hat sie geprüft."),
        ("krabben-4703", "Krabbenfischer fürchten um ihren letzten Hafen", "Der Schlick kommt schneller, als der "
        "Bagger fährt."),
    )
)  # fmt: skip

NOISE = {
    "related teasers, cards below the text": Noise(
        f'<div class="mehr"><h3>Mehr aus der Region</h3>{CARDS}</div>', ("Fähre nach Hallum", "Süderbrook"), "after"
    ),
    "related teasers, cards outside": Noise(f'<section id="more">{CARDS}</section>', ("Gießer", "Schlick"), "below"),
    "related teasers, one link alone": Noise(
        '<p><a href="/region/moor-4701.html">Ein Moor wird nass und keiner ist dagegen</a></p>', ("Ein Moor wird nass",)
    ),
    "related teasers, announced link": Noise(
        '<p>Lesen Sie auch: <a href="/region/moor-4701.html">Ein Moor wird nass und keiner ist dagegen</a></p>',
        ("Lesen Sie auch", "Ein Moor wird nass"),
    ),
    "related teasers, list of links": Noise(
        "<h3>Mehr zum Thema</h3><ul><li><a href='/a-1.html'>Wie hoch ein Deich sein muss</a></li><li><a "
        "href='/a-2.html'>"
        "Was die Sturmflut im Januar angerichtet hat</a></li><li><a href='/a-3.html'>Der Mann, der Schafe "
        "zählt</a></li></ul>",
        ("Mehr zum Thema", "Was die Sturmflut im Januar", "Schafe zählt"),
    ),
    "related teasers, a card in an aside": Noise(
        '<aside class="box"><h3>Archiv</h3><a href="/a-9.html"><p>Warum das Land den Bau vor acht Jahren '
        'abgelehnt hat. '
        "Eine Chronik in neun Kapiteln, mit Karten und Stimmen von damals.</p></a></aside>",
        ("Archiv", "Eine Chronik in neun Kapiteln"),
    ),
    "headline repeated": Noise(f"<p><strong>{TITLE}</strong></p>", (TITLE,), "top"),
    "headline repeated as a heading": Noise(f"<h2>{TITLE}</h2>", (TITLE,), "top"),
    "kicker repeated": Noise('<p class="kicker">Küstenschutz</p>', ("Küstenschutz",), "top"),
    "kicker and headline in one": Noise(f"<h2>Küstenschutz: {TITLE}</h2>", ("Küstenschutz",), "top"),
    "consent placeholder": Noise(
        "<p>Inhalt wird nicht angezeigt, da Sie keine externen Cookies akzeptiert haben. "
        '<a href="/cookies">Ändern..</a></p>',
        ("keine externen Cookies", "Ändern"),
    ),
    "embed placeholder": Noise(
        '<div class="einbettung"><h3>Empfohlener redaktioneller Inhalt</h3><p>An dieser Stelle finden Sie einen '
        'Inhalt von '
        "Kartenhaus, der den Artikel ergänzt. Sie können ihn sich mit einem Klick anzeigen lassen.</p><p>Ich bin damit "
        "einverstanden, dass mir externe Inhalte angezeigt werden. Damit können personenbezogene Daten an "
        "Drittplattformen "
        "übermittelt werden.</p><button>Inhalt anzeigen</button></div>",
        ("redaktioneller Inhalt", "Kartenhaus", "einverstanden", "Inhalt anzeigen"),
    ),
    "embed placeholder, short": Noise(
        '<div class="opt-in"><p>Externer Inhalt nicht verfügbar</p></div>', ("Externer Inhalt",)
    ),
    "dateline": Noise('<p class="stand">Stand: 20.05.2024, 11:32 Uhr</p>', ("11:32",), "top"),
    "dateline with weekday": Noise("<p>Montag, 20. Mai 2024, 11:32 Uhr</p>", ("Montag, 20. Mai",), "top"),
    "byline": Noise("<p>Von Wiebke Petersen</p>", ("Wiebke",), "top"),
    "byline with link": Noise('<p>Von <a href="/autoren/wp">Wiebke Petersen</a>, Nordkrog</p>', ("Wiebke",), "top"),
    "reading time": Noise('<div class="lesezeit"><p>3 Minuten Lesezeit</p></div>', ("Lesezeit",), "top"),
    "reading time, other words": Noise("<p>Lesezeit: 4 min</p>", ("Lesezeit",), "top"),
    "agency line": Noise("<p>© dpa-infocom, dpa:240520-99-1/3</p>", ("infocom",), "after"),
    "source line": Noise("<p>Quelle: hafenkurier.example, wp/dpa</p>", ("Quelle",), "after"),
    "agency in brackets": Noise("<p>(dpa/wp)</p>", ("dpa",), "after"),
    "copyright line": Noise("<p>Copyright 2024 Hafenkurier. Alle Rechte vorbehalten.</p>", ("Copyright",), "after"),
    "rights": Noise("<p>Hafenkurier Nordkrog, alle Rechte vorbehalten</p>", ("Nordkrog, alle",), "after"),
    "feedback": Noise(
        '<p>Fehler gefunden? <a href="mailto:korrektur@hafenkurier.example">Jetzt '
        'melden.</a></p>', ("Jetzt melden",), "after"
    ),
    "disclaimer": Noise(
        "<p><em>Dieser Artikel wurde mit Hilfe von Künstlicher Intelligenz übersetzt und von der Redaktion "
        "geprüft.</em></p>",
        ("Künstlicher Intelligenz",),
        "after",
    ),
    "caption": Noise(
        '<figure><img src="/deich.jpg" alt=""><figcaption>Der Deich von Nordkrog bei Hochwasser im Januar. '
        "<span>Foto: Jan Harms</span></figcaption></figure>",
        ("bei Hochwasser im Januar", "Jan Harms"),
    ),
    "caption without figure": Noise(
        '<div class="bild"><img src="/deich.jpg" alt=""><p>Der Deich von Nordkrog bei Hochwasser im Januar. Foto: Jan '
        "Harms</p></div>",
        ("bei Hochwasser im Januar",),
    ),
    "credit alone": Noise('<div><img src="/deich.jpg" alt=""><p>© Jan Harms/dpa</p></div>', ("Jan Harms",)),
    "paywall flags": Noise(
        "<dl><dt>showPaywall:</dt><dd>false</dd><dt>isSubscriber:</dt><dd>false</dd><dt>isPaid:</dt><dd>false</dd></dl>",
        ("showPaywall", "isSubscriber", "false"),
        "after",
    ),
    "subscription box": Noise(
        '<div class="plusbox"><h3>Weiterlesen mit K+</h3><p>Jetzt vier Wochen für einen Euro testen und alle Artikel '
        'lesen. Danach 9,90 Euro im Monat, jederzeit kündbar.</p><a href="/abo">Zum Angebot</a></div>',
        ("K+", "vier Wochen", "Angebot"),
        "after",
    ),
    "newsletter box": Noise(
        '<div class="newsletter-box"><h3>Die Flut am Morgen</h3><p>Unser Newsletter bringt Ihnen jeden Werktag '
        'um sechs Uhr '
        'das Wichtigste von der Küste.</p><form><input name="mail"><button>Anmelden</button></form></div>',
        ("Flut am Morgen", "jeden Werktag", "Anmelden"),
    ),
    "newsletter line": Noise(
        '<p>Abonnieren Sie hier <a href="/nl">unseren kostenlosen Newsletter</a> von der Küste.</p>', ("Newsletter",)
    ),
    "app line": Noise("<p>Laden Sie jetzt unsere App herunter, für iOS und Android.</p>", ("App",), "after"),
    "channel line": Noise("<p>Folgen Sie uns auch auf Instagram und Facebook.</p>", ("Folgen Sie",), "after"),
    "broadcast note": Noise(
        "<p>Dieses Thema im Programm: Küstenfunk | Der Morgen | 20.05.2024 | 07:40 Uhr</p>", ("Küstenfunk",), "after"
    ),
    "video note": Noise("<p>Im Video: So hoch stand das Wasser im Januar</p>", ("Im Video",)),
    "biography": Noise(
        "<p>Unsere Autorin Wiebke Petersen schreibt seit 2009 über die Küste und alles, was an ihr nagt. Sie "
        "lebt mit zwei "
        "Hunden auf einem alten Frachtschiff.</p>",
        ("zwei Hunden",),
        "after",
    ),
    "biography in a box": Noise(
        '<div class="author-box"><img src="/wp.jpg" alt=""><p>Wiebke Petersen</p><p>Redakteurin in Nordkrog</p></div>',
        ("Wiebke", "Redakteurin"),
        "after",
    ),
    "comments": Noise(
        '<section class="comments"><h3>Kommentare</h3><div class="comment"><p>Als Anwohner kann ich nur sagen, '
        'dass wir auf '
        "diesen Tag lange gewartet haben. Danke an alle, die nicht lockergelassen haben!</p></div></section>",
        ("Kommentare", "Als Anwohner"),
        "after",
    ),
    "sharing": Noise(
        '<ul class="share"><li><a href="https://example.org/f">Facebook</a></li><li><a '
        'href="https://example.org/x">X</a></li>'
        "<li><a href='mailto:?'>E-Mail</a></li></ul>",
        ("Facebook",),
        "top",
    ),
    "tags": Noise('<div class="tags"><a href="/t/deich">Deich</a> <a '
    'href="/t/kueste">Küste</a></div>', ("Deich Küste",), "after"),
    "advertisement": Noise('<div class="ad-slot"><span>Anzeige</span></div>', ("Anzeige",)),
    "a quote pulled out": Noise(
        '<div class="zitat"><p>„Wir haben lange genug auf das Wasser gewartet“</p></div>', ("gewartet“",)
    ),
}  # fmt: skip

SAYS_SO = {
    "rights": "Unter jedes Bild vom Deich schrieb der Verlag den Satz alle Rechte vorbehalten, obwohl ihm diese Rechte "
    "nie gehört hatten.",
    "a newsletter": "Im Newsletter des Deichverbands war schon im März zu lesen gewesen, dass die Pläne fertig seien; "
    "gelesen hatte ihn offenbar kaum jemand.",
    "an app": "Seit dem Winter warnt eine App die Bewohner, sobald der Pegel über fünf Meter steigt, und im Ort hat "
    "sie fast jeder auf dem Telefon.",
    "a subscription for trains": "Wer ein Abonnement für die Marschbahn hat, kommt während der Bauzeit umsonst mit dem "
    "Bus nach Hallum, verspricht der Landkreis.",
    "subscribers": "Die Abo-Kunden der Inselfähre müssen sich dagegen auf eine längere Überfahrt einstellen, weil die "
    "Schuten im Fahrwasser Vorrang haben.",
    "a photo": "Ein Foto, das in der Amtsstube hängt, zeigt den Deich im Jahr 1962: ein niedriger Wall, "
    "dahinter nichts "
    "als Wasser.",
    "a photo, briefly": "Das Foto hängt noch heute in der Amtsstube.",
    "a video": "In einem Video, das ein Feuerwehrmann in jener Nacht aufnahm, ist nur das Rauschen zu hören und einmal "
    "ein Hund.",
    "a wire service": "Die Ministerin sagte der Nachrichtenagentur dpa, das Geld liege bereit und werde nicht "
    "verfallen.",
    "a source": "Eine Quelle auf der Geest versorgt das Dorf seit 1911 mit Trinkwasser; auch sie liegt künftig hinter "
    "dem neuen Deich.",
    "a comment": "Einen Kommentar zu den Vorwürfen lehnte der Deichgraf am Dienstag ab.",
    "an advertisement": "Mit einer Anzeige im Gemeindeblatt suchte der Verband nach Leuten, die Schuten "
    "steuern können.",
    "a mistake": "Einen Fehler im Gutachten, den ein Rentner gefunden hatte, räumte das Büro sofort ein.",
    "a date": "Am 16. Februar 1962 um 22.15 Uhr brach der alte Deich an drei Stellen zugleich.",
    "a clock": "Um 6.40 Uhr war alles vorbei.",
    "a reading": "Zwölf Minuten dauerte die Lesung des Plans, dann wurde abgestimmt.",
    "cookies": "Zur Feier des Tages hatte die Landfrauengruppe Cookies gebacken, in der Form von kleinen Schafen.",
    "consent": "Mit ihrer Zustimmung hatten die Eigentümer der Wiesen lange gezögert, am Ende unterschrieben alle 34.",
    "an author": "Die Autorin des Gutachtens, eine Geologin aus Kiel, hatte den Untergrund an 60 Stellen durchbohrt.",
    "a person": "Zur Person machte die Polizei keine Angaben.",
    "a person, once more": "Über die Autorin des Gutachtens wurde im Dorf viel geredet.",
    "by someone": "Von Hamburg aus sieht das alles einfacher aus, als es ist.",
    "social media": "Auf Facebook sammelte eine Gruppe binnen einer Woche 2000 Unterschriften gegen den Radweg.",
    "tickets": "Karten für die Führung auf der Baustelle gibt es im Rathaus, sie kosten nichts.",
    "a question": "Und die Schafe?",
    "a quote of few words": "„Das hält.“",
    "a share": "Den größten Anteil daran trägt das Land.",
    "donations": "Wer den Schäfer mit einer Spende unterstützen will, findet am Siel eine alte Milchkanne dafür.",
    "German only": "Ende der Straße, Ende des Dorfes.",
}  # fmt: skip
