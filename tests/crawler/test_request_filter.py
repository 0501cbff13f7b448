"""Where the crawler does not go, by whatever way."""

from __future__ import annotations

from klartext.crawler import Limits
from support import loopback
from support.crawler_runs import run
from support.loopback import Answer


def test_redirects_are_followed_within_limits() -> None:
    def to(target: str, status: int = 302) -> Answer:
        return Answer(b"", status, {"Location": target})

    with loopback.serve({
        "/eins": to("/zwei", 308), "/zwei": to("ziel"), "/ziel": Answer(),
        "/kreis": to("/kreis2"), "/kreis2": to("/kreis"),
        **{f"/weit{n}": to(f"/weit{n + 1}") for n in range(9)},
        "/fremd": to("https://fremd.example/"), "/datei": to("file:///etc/hostname"), "/ohne": Answer(b"", 302),
        "/privat": to("http://169.254.169.254/latest/meta-data/"),
    }) as site:  # fmt: skip
        assert run(site, "/eins", "/kreis", "/weit0", "/fremd", "/datei", "/ohne", "/privat",
                   hosts=[site.host, "169.254.169.254"]) == {
            "/eins": ("captured", None),
            "/kreis": ("failed", "redirect-loop"),
            "/weit0": ("failed", "too-many-redirects"),
            "/fremd": ("refused", "foreign-host"),
            "/datei": ("refused", "scheme"),
            "/ohne": ("failed", "http-302"),
            "/privat": ("refused", "private-address"),
        }  # fmt: skip
        assert site.paths().count("/kreis") == 1
        assert "/weit6" not in site.paths()


def test_private_networks_other_schemes_and_foreign_hosts_are_refused() -> None:
    with loopback.serve({}) as site:
        port = site.host.partition(":")[2]
        private = [
            f"http://localhost:{port}/", f"http://127.1:{port}/", f"http://2130706433:{port}/", "http://10.0.0.1/",
            "http://192.168.0.1/", "http://100.64.0.1/", "http://169.254.169.254/", "http://0.0.0.0/",
        ]  # fmt: skip
        hosts = [address.split("/")[2] for address in private]
        answers = run(site, "/", *private, "https://fremd.example/", "ftp://127.0.0.1/", "nichts:", f"http://a:b@{site.host}/",
                      allow=[], hosts=[site.host, *hosts])  # fmt: skip
        assert answers == {
            "/": ("refused", "private-address"),
            **dict.fromkeys(private, ("refused", "private-address")),
            "https://fremd.example/": ("refused", "foreign-host"),
            "ftp://127.0.0.1/": ("refused", "scheme"),
            "nichts:": ("refused", "address"),
            f"http://a:b@{site.host}/": ("refused", "address"),
        }
        assert site.log == []


def test_only_the_allowed_port_of_a_private_host_is_open() -> None:
    with loopback.serve({"/a": Answer()}) as site, loopback.serve({}) as other:
        assert run(site, "/a", other.base + "/", hosts=[site.host, other.host]) == {
            "/a": ("captured", None),
            other.base + "/": ("refused", "private-address"),
        }


def test_a_name_that_turns_private_between_two_looks() -> None:
    with loopback.serve({"/1": Answer()}, "127.0.0.2") as site:
        host = f"umzug.example:{site.server.server_port}"
        outcomes = run(site, f"http://{host}/1", hosts=[host], allow=[], handler="support.crawler_handlers:Rebinds",
                   limits=Limits(timeout=2, retries=0))  # fmt: skip
    assert outcomes == {f"http://{host}/1": ("failed", "robots-unreachable")}
    assert site.log == [], "the connection is made to the address that was looked at"
