from __future__ import annotations

import ssl

from ordinis_rx.wire.tls import trusted


def test_certificates_are_checked_against_the_host() -> None:
    assert trusted().verify_mode is ssl.CERT_REQUIRED
    assert trusted().check_hostname


def test_certificates_are_read_once() -> None:
    assert trusted() is trusted()
