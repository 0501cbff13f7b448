"""HTTPS: a certificate that is good is taken, one that is not is a reason."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from klartext.crawler import CrawlRequest, Job, Limits, crawl
from support import loopback
from support.loopback import Answer


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with loopback.serve({"/a": Answer()}) as site:
        site.server.socket = context.wrap_socket(site.server.socket, server_side=True)
        requests = [CrawlRequest(url=f"https://{site.host}/a", via="urn:test")]
        job = Job(hosts=[site.host], allow=[site.host], delay=0, requests=requests, limits=Limits(retries=0, timeout=5))
        [answer] = crawl(job)
        assert (answer.outcome, answer.reason) == ("failed", "robots-unreachable")
        monkeypatch.setenv("SSL_CERT_FILE", str(path))  # now it is one that is trusted
        [answer] = crawl(job)
        assert (answer.outcome, answer.status) == ("captured", 200)
