"""
Rules for the hosts to which connections are allowed.
"""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from django_trove.server.connectors.hosts import HostRules, is_host_rule, is_public

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.5",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:192.168.1.5",
    "::127.0.0.1",
    "2002:7f00:1::",
    "2002:c0a8:105::1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07::1", "64:ff9b::5db8:d70e", "::ffff:8.8.8.8"]
)
def test_other_addresses_are_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("hosts", "name", "address", "allowed"),
    [
        (["192.168.1.0/24"], "nas.example", "192.168.1.5", True),
        (["192.168.1.0/24"], "nas.example", "192.168.2.5", False),
        (["192.168.1.0/24"], "nas.example", "::ffff:192.168.1.5", True),
        (["192.168.1.5"], "nas.example", "192.168.1.5", True),
        (["fd00::/8"], "nas.example", "fd12::1", True),
        (["[fd12::1]"], "nas.example", "fd12::1", True),
        (["nas.lan"], "NAS.lan.", "192.168.1.5", True),
        (["nas.lan"], "other.nas.lan", "192.168.1.5", False),
        ([".lan"], "nas.lan", "192.168.1.5", True),
        ([".lan"], "nas.wlan", "192.168.1.5", False),
        (["nas.lan"], "evil.example", "192.168.1.5", False),
        ([], "photos.example", "93.184.215.14", True),
    ],
)
def test_hosts_allow_private_addresses(hosts, name, address, allowed):
    assert HostRules(hosts).allows(name, ip_address(address)) is allowed


@pytest.mark.parametrize("rule", ["10.0.0.0/8", "192.168.1.5", "[::1]", "nas.lan", ".lan"])
def test_networks_and_names_are_host_rules(rule):
    assert is_host_rule(rule)


@pytest.mark.parametrize("rule", ["", 5, "https://nas.lan", "nas.lan:80", "10.0.0.0/99", "a b"])
def test_urls_and_ports_are_not_host_rules(rule):
    assert not is_host_rule(rule)
