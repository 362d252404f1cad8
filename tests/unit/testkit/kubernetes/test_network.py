"""The addresses of a cluster: none of a node, a pod or a service is one of the others'."""

from ipaddress import IPv4Network, ip_address
from itertools import combinations

from testkit.kubernetes.network import API, DNS, FIRST_SERVICE, INSIDE, OUTSIDE, PODS, SERVICES, node_address, pods_of


def test_no_address_is_given_twice() -> None:
    single = [API, DNS, INSIDE, OUTSIDE, *(node_address(number) for number in range(1, 10))]
    assert len(set(single)) == len(single)
    rooms = [IPv4Network(PODS), IPv4Network(SERVICES)]
    assert not rooms[0].overlaps(rooms[1])
    assert [each for each in single if any(ip_address(each) in room for room in rooms)] == []
    assert ip_address(FIRST_SERVICE) in rooms[1]


def test_each_node_has_addresses_for_its_own_pods() -> None:
    own = [IPv4Network(pods_of(number)) for number in range(1, 10)]
    assert all(each.subnet_of(IPv4Network(PODS)) for each in own)
    assert not any(one.overlaps(other) for one, other in combinations(own, 2))
