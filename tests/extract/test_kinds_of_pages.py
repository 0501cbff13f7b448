"""Pages that are no plain run of paragraphs, and pages in other scripts: every line in its order and nothing else."""

from __future__ import annotations

import pytest

from support import sample_pages

TEASERS = (
    '<aside class="meist-gelesen"><h2>Meistgelesen</h2><ul>'
    + "".join(f'<li><a href="/n/{n}">Eine andere Meldung Nummer {n} aus der Stadt am Fluss</a></li>' for n in range(8))
    + "</ul></aside>"
)
FOOT = '<footer><p>Impressum</p><p>Datenschutz</p><a href="/abo">Abo</a></footer>'


def read(
    article: str, *, head: str = "", lang: str = "de", title: str = "Hochwasser an der Elbe steigt weiter"
) -> list[str]:
    """The lines of lead and text of a page with this article among menus and teasers."""
    html = (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>'
        f'<header><nav><a href="/politik">Politik</a> <a href="/sport">Sport</a></nav></header>'
        f"<main><article><h1>{title}</h1>{article}</article>{TEASERS}</main>{FOOT}</body></html>"
    )
    made = sample_pages.read(html).article
    return [*([made.lead] if made.lead else []), *made.text.split("\n")]


P = [
    "Das Wasser der Elbe ist in der Nacht um weitere vierzig Zentimeter gestiegen, teilte das Amt am Morgen mit.",
    "In der Altstadt wurden Keller leergepumpt, und an den Kais lagen am Mittag mehr als zehntausend Sandsäcke bereit.",
    "Die Feuerwehr rechnet damit, dass der Scheitel der Flut am Donnerstag die Brücke im Norden der Stadt erreicht.",
    "Schulen und Kindergärten bleiben bis zum Ende der Woche geschlossen, sagte die Bürgermeisterin nach der Sitzung.",
]


def test_a_live_blog_comes_entry_by_entry_with_its_headings() -> None:
    times = ["11.40 Uhr", "10.15 Uhr", "08.30 Uhr"]
    entries = "".join(
        f'<div class="entry" id="e{n}"><time>{when}</time><h3>Eintrag {n}: Lage am Pegel</h3><p>{P[n]}</p></div>'
        for n, when in enumerate(times)
    )
    found = [line for line in read(f"<p>{P[3]}</p><div class='liveblog'>{entries}</div>") if "Uhr" not in line[:12]]
    assert found == [P[3], *(line for n in range(3) for line in (f"Eintrag {n}: Lage am Pegel", P[n]))]


@pytest.mark.parametrize(
    "question", ["<p><strong>{}</strong></p>", "<h3>{}</h3>", '<p class="frage">{}</p>', "<p><b>{}</b></p>"]
)
def test_an_interview_keeps_question_and_answer_in_their_order(question: str) -> None:
    questions = ["Wie hoch steigt die Elbe noch?", "Was raten Sie den Leuten am Kai?", "Und was kommt danach?"]
    body = "".join(question.format(q) + f"<p>{a}</p>" for q, a in zip(questions, P, strict=False))
    assert read(body) == [line for pair in zip(questions, P, strict=False) for line in pair]


def test_a_table_is_a_line_a_row_with_the_cells_separated() -> None:
    rows = [("Pegel", "Montag", "Dienstag"), ("Nord", "5,10 m", "5,50 m"), ("Süd", "4,80 m", "5,20 m")]
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    found = read(f"<p>{P[0]}</p><p>{P[1]}</p><table>{table}</table><p>{P[2]}</p><p>{P[3]}</p>")
    assert found == [P[0], P[1], *(" | ".join(row) for row in rows), P[2], P[3]]


@pytest.mark.parametrize(
    "facts",
    [
        "<ul><li>{}</li><li>{}</li><li>{}</li></ul>",
        "<ol><li>{}</li><li>{}</li><li>{}</li></ol>",
        "<ul><li><p>{}</p></li><li><p>{}</p></li><li><p>{}</p></li></ul>",
        "<ul><li><span>{}</span></li><li><em>{}</em></li><li><b>{}</b></li></ul>",
    ],
)
def test_a_list_of_facts_stays_item_by_item(facts: str) -> None:
    items = ["Pegel Nord: 5,50 Meter", "Sandsäcke: 12.000", "Helfer: 340 aus sechs Städten"]
    found = read(f"<p>{P[0]}</p><p>{P[1]}</p>{facts.format(*items)}<p>{P[2]}</p><p>{P[3]}</p>")
    assert found == [P[0], P[1], *items, P[2], P[3]]


def test_terms_and_what_they_mean_stay() -> None:
    terms = [("Scheitel", "Der höchste Stand einer Flut."), ("Pegel", "Die Höhe des Wassers über einem festen Punkt.")]
    body = "".join(f"<dt>{term}</dt><dd>{meaning}</dd>" for term, meaning in terms)
    found = read(f"<p>{P[0]}</p><p>{P[1]}</p><dl>{body}</dl><p>{P[2]}</p><p>{P[3]}</p>")
    assert found == [P[0], P[1], *(line for pair in terms for line in pair), P[2], P[3]]


def test_a_recipe_keeps_its_ingredients_and_steps() -> None:
    ingredients = ["500 g Matjes", "2 rote Zwiebeln", "1 Becher Schmand", "Salz und Pfeffer"]
    steps = [
        "Die Zwiebeln in dünne Ringe schneiden und eine Viertelstunde in kaltem Wasser ziehen lassen.",
        "Den Matjes in Stücke schneiden, mit Schmand und Zwiebeln mischen und eine Stunde kalt stellen.",
    ]
    needed, done = ("".join(f"<li>{line}</li>" for line in lines) for lines in (ingredients, steps))
    found = read(f"<p>{P[0]}</p><h2>Zutaten</h2><ul>{needed}</ul><h2>Zubereitung</h2><ol>{done}</ol><p>{P[1]}</p>")
    assert found == [P[0], "Zutaten", *ingredients, "Zubereitung", *steps, P[1]]


def test_text_that_inline_elements_split_is_one_line() -> None:
    split = P[1].replace("Keller", '<a href="/keller">Keller</a>').replace("Sandsäcke", "<b>Sand</b><i>säcke</i>")
    custom = P[2].replace("Donnerstag", "<x-tag>Donnerstag</x-tag>")
    assert read(f"<p>{P[0]}</p><p>{split}</p><p>{custom}</p><p>{P[3]}</p>") == P


def test_paragraphs_that_line_breaks_part_are_all_there() -> None:
    found = read(f'<div class="text">{"<br><br>".join(P)}</div>')
    assert found == P


@pytest.mark.parametrize("copy", ["hidden", 'style="display: none"', 'class="d-none"', 'class="visually-hidden"'])
def test_a_hidden_copy_of_the_text_is_not_a_second_text(copy: str) -> None:
    body = "".join(f"<p>{line}</p>" for line in P)
    assert read(f"<div>{body}</div><div {copy}>{body}</div>") == P


@pytest.mark.parametrize("tag", ["nav", "noscript", "aside", "form", "button"])
def test_an_element_that_is_not_closed_does_not_swallow_the_text(tag: str) -> None:
    body = "".join(f"<p>{line}</p>" for line in P)
    html = f'<html lang="de"><head><title>Hochwasser</title></head><body><{tag}><h1>Hochwasser</h1>{body}</body></html>'
    assert sample_pages.read(html).article.text.split("\n") == P


@pytest.mark.parametrize(
    "name", ["subscription-content", "articleBadge", "meteredContent paywall", "post-comment-free", "sidebar-left"]
)
def test_a_box_of_the_text_with_a_misleading_name_is_believed_to_be_the_text(name: str) -> None:
    body = "".join(f"<p>{line}</p>" for line in P)
    assert read(f'<div class="{name}">{body}</div>') == P


@pytest.mark.parametrize(
    "caption",
    [
        '<div class="mediaInfo">{}</div>',
        '<span class="articleImage__captionText">{}</span>',
        "<p>{}</p>",
        '<div class="text-small">{}</div>',
    ],
)
def test_a_caption_beside_its_image_is_not_the_text(caption: str) -> None:
    words = "Helfer füllen am Kai Sandsäcke, im Hintergrund die Brücke"
    box = f'<div class="media"><img src="/kai.jpg" alt="">{caption.format(words)}</div>'
    assert read(f"<p>{P[0]}</p>{box}<p>{P[1]}</p><p>{P[2]}</p><p>{P[3]}</p>") == P


SCRIPTS = {
    "zh": [
        "易北河的水位一夜之间又上涨了四十厘米，当地水务部门周一早上通报说。",
        "老城区的地下室正在排水，码头上堆放着一万多个沙袋，志愿者从清晨开始工作。",
        "消防部门预计洪峰将于星期四到达城市北部的大桥，届时将封闭两岸道路。",
        "市长在会后表示，学校和幼儿园本周内继续停课，复课时间另行通知。",
    ],
    "ja": [
        "エルベ川の水位は一晩でさらに四十センチ上昇したと、水防当局が月曜日の朝に発表した。",
        "旧市街では地下室の排水が進められ、岸壁には一万を超える土のうが積まれている。",
        "消防は、洪水のピークが木曜日に市北部の橋に達すると見込んでおり、両岸の道路を閉鎖する。",
        "学校と幼稚園は週末まで休みになると、市長は会議の後に述べた。",
    ],
    "ko": [
        "엘베강의 수위가 밤사이 사십 센티미터 더 올랐다고 수자원 당국이 월요일 아침 밝혔다.",
        "구시가지에서는 지하실의 물을 퍼내고 있으며 부두에는 만 개가 넘는 모래주머니가 쌓여 있다.",
        "소방 당국은 홍수의 정점이 목요일에 도시 북쪽의 다리에 이를 것으로 보고 양쪽 도로를 막을 계획이다.",
        "학교와 유치원은 이번 주말까지 문을 닫는다고 시장이 회의를 마친 뒤 말했다.",
    ],
    "th": [
        "ระดับน้ำในแม่น้ำเอลเบอเพิ่มขึ้นอีกสี่สิบเซนติเมตรในชั่วข้ามคืน ตามที่หน่วยงานน้ำแจ้งเมื่อเช้าวันจันทร์",
        "ในเมืองเก่ามีการสูบน้ำออกจากชั้นใต้ดิน และที่ท่าเรือมีกระสอบทรายมากกว่าหนึ่งหมื่นใบ",
        "หน่วยดับเพลิงคาดว่าระดับน้ำสูงสุดจะถึงสะพานทางเหนือของเมืองในวันพฤหัสบดี และจะปิดถนนทั้งสองฝั่ง",
        "โรงเรียนและโรงเรียนอนุบาลจะปิดจนถึงสิ้นสัปดาห์ นายกเทศมนตรีกล่าวหลังการประชุม",
    ],
    "ru": [
        "Уровень воды в Эльбе за ночь поднялся ещё "
        "на сорок сантиметров, сообщило в понедельник утром водное ведомство.",
        "В старом городе откачивают воду из подвалов, а на причалах сложено более десяти тысяч мешков с песком.",
        "Пожарные ожидают, что пик паводка в четверг достигнет моста "
        "на севере города, и перекроют дороги на обоих берегах.",
        "Школы и детские сады останутся закрытыми до конца недели, заявила мэр после заседания.",
    ],
    "ar": [
        "ارتفع منسوب المياه في نهر إلبه أربعين سنتيمترا أخرى خلال الليل، كما أعلنت هيئة المياه صباح الاثنين.",
        "وفي البلدة القديمة يجري ضخ المياه من الأقبية، وعلى الأرصفة أكثر من عشرة آلاف كيس رمل.",
        "ويتوقع رجال الإطفاء أن تبلغ ذروة الفيضان الجسر في شمال المدينة يوم الخميس، وستغلق الطرق على الضفتين.",
        "وستبقى المدارس ورياض الأطفال مغلقة حتى نهاية الأسبوع، كما قالت رئيسة البلدية بعد الجلسة.",
    ],
    "el": [
        "Η στάθμη του Έλβα ανέβηκε μέσα στη νύχτα άλλα "
        "σαράντα εκατοστά, ανακοίνωσε τη Δευτέρα το πρωί η υπηρεσία υδάτων.",
        "Στην παλιά πόλη αντλούν νερά από υπόγεια και στις αποβάθρες βρίσκονται πάνω από δέκα χιλιάδες σάκοι άμμου.",
        "Η πυροσβεστική αναμένει ότι η κορύφωση της πλημμύρας θα φτάσει την Πέμπτη στη γέφυρα στα βόρεια της πόλης.",
        "Σχολεία και νηπιαγωγεία θα μείνουν κλειστά έως το τέλος της εβδομάδας, είπε η δήμαρχος μετά τη συνεδρίαση.",
    ],
}


@pytest.mark.parametrize("language", SCRIPTS)
@pytest.mark.parametrize("shape", ["<p>{}</p>", '<div class="absatz">{}</div>', "{}<br><br>"])
def test_a_text_in_another_script_is_whole(language: str, shape: str) -> None:
    lines = SCRIPTS[language]
    assert read("".join(shape.format(line) for line in lines), lang=language, title=lines[3][:24]) == lines


def test_on_a_page_arranged_by_tables_rows_beside_the_text_are_none_of_it() -> None:
    menu = "<tr><td>Politik</td><td>Küste</td><td>Meinung</td><td>Wetter</td><td>Gezeiten</td></tr>"
    legal = (
        "<tr><td>①</td><td>Alle Beiträge des Hafenkuriers sind geschützt und dürfen nicht ohne Erlaubnis gezeigt werden"
        "</td></tr>"
    )
    text = "".join(f"<p>{line}</p>" for line in P)
    found = read(
        f"<table><tr><td><table>{menu}</table></td></tr><tr><td><div>{text}</div></td></tr>"
        f"<tr><td><table>{legal * 2}</table></td></tr></table>"
    )
    assert not [line for line in found if " | " in line]
    assert found[-1] == P[-1]


def test_a_heading_in_a_box_of_its_own_above_the_first_paragraph_stays_if_the_others_are_built_so() -> None:
    heads = ["Die Lage am Morgen", "Die Lage am Mittag", "Die Lage am Abend"]
    parts = "".join(
        f"<section><div><h2 class='h'>{head}</h2></div><div><p>{P[n]} {P[3]}</p></div></section>"
        for n, head in enumerate(heads)
    )
    assert [line for line in read(parts) if line.startswith("Die Lage am")] == heads
