"""Where the crawler does not go, by whatever way."""

from __future__ import annotations

import pytest

from klartext.crawler import Limits
from klartext.crawler.request_filter import is_public
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


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "192.0.0.8",
        "192.88.99.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1",
        "::ffff:127.0.0.1", "::ffff:0:7f00:1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1",
        "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:c0a8:101::1", "2001:0:7f00:1::", "2001:db8::1", "fe80::1",
        "fe80::1%eth0", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "100::1", "4000::1",
    ],
)  # fmt: skip
def test_addresses_of_no_public_host(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "2606:4700::1", "2a00:1450::5"]
)
def test_addresses_of_public_hosts(address: str) -> None:
    assert is_public(address)


def test_every_spelling_of_a_private_address_is_refused() -> None:
    with loopback.serve({}) as site:
        port = site.host.partition(":")[2]
        hosts = [
            "localhost", "localhost.", "LOCALHOST", "127.0.0.1.", "127.1", "127.0.1", "2130706433", "0x7f000001",
            "0x7f.1", "0177.0.0.1", "017700000001", "127.0.0.0x1", "[::1]", "[::]", "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]",
            "[2002:7f00:1::1]", "[fe80::1]", "[fec0::1]", "0", "0.0.0.0", "\uff11\uff12\uff17.0.0.1", "127\u30020.0.1",
            "\u2460\u2461\u2466.0.0.1", "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",
        ]  # fmt: skip
        asked = [f"http://{host}:{port}/" for host in hosts]
        answers = run(site, *asked, allow=[], hosts=[*(f"{host}:{port}" for host in hosts), site.host])
        assert len(answers) == len(asked)
        refused = {"private-address", "dns", "foreign-host", "address"}
        assert {url: reason for url, (_, reason) in answers.items() if reason not in refused} == {}
        assert sum(reason == "private-address" for _, reason in answers.values()) >= 19
        assert site.log == []


def test_only_the_allowed_port_of_a_private_host_is_open() -> None:
    with loopback.serve({"/a": Answer()}) as site, loopback.serve({}) as other:
        assert run(site, "/a", other.base + "/", hosts=[site.host, other.host]) == {
            "/a": ("captured", None),
            other.base + "/": ("refused", "private-address"),
        }


@pytest.mark.parametrize("name", ["umzug.example", "UMZUG.Example", "umzug.example.", "b\u00fccher.example"])
def test_a_name_that_turns_private_between_two_looks(name: str) -> None:
    with loopback.serve({"/1": Answer()}, "127.0.0.2") as site:
        host = f"{name}:{site.server.server_port}"
        outcomes = run(site, f"http://{host}/1", hosts=[host], allow=[], handler="support.crawler_handlers:Rebinds",
                   limits=Limits(timeout=2, retries=0))  # fmt: skip
    assert outcomes == {f"http://{host}/1": ("failed", "robots-unreachable")}
    assert site.log == [], "the connection is made to the address that was looked at"
