"""Loaded networks in memory, at most a given number of them."""

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from weakref import WeakValueDictionary

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text
from eca_viz.networks.spec import Network

KEPT_VARIABLE = "ECA_VIZ_NETWORKS_KEPT"
KEPT = 2


def networks_kept() -> int:
    """How many networks stay in memory beside the bundled ones; ECA_VIZ_NETWORKS_KEPT sets it.

    Raises NetworkError where the variable is not a whole number of 1 or more.
    """
    given = os.environ.get(KEPT_VARIABLE, str(KEPT))
    if not given.isdecimal() or int(given) < 1:
        raise NetworkError(
            text(
                "got {name} = {value!r}; give a whole number, 1 or more",
                name=KEPT_VARIABLE,
                value=given,
            )
        )
    return int(given)


class NetworkPool:
    """Networks by key, each loaded once, also when several threads ask at the same time.

    While one is loaded, the others stay available.
    """

    def __init__(self) -> None:
        self._pinned: dict[Hashable, Network] = {}
        self._recent: OrderedDict[Hashable, Network] = OrderedDict()
        self._lock = threading.Lock()
        self._loading: WeakValueDictionary[Hashable, threading.Lock] = WeakValueDictionary()

    def get(
        self,
        key: Hashable,
        load: Callable[[], Network],
        *,
        pin: bool,
        on_evict: Callable[[Network], None],
    ) -> Network:
        """The network of a key.

        Args:
            key: What tells it from others.
            load: Gives it where it is not in memory.
            pin: Whether it stays for good; one that does not may make another leave, the one
                that was least recently asked for.
            on_evict: Called with the one that leaves.

        Returns:
            The network.
        """
        with self._lock:
            loading = self._loading.setdefault(key, threading.Lock())
        with loading:
            found = self._find(key)
            if found is not None:
                return found
            network = load()
            for evicted in self._put(key, network, pin):
                on_evict(evicted)
            return network

    def _find(self, key: Hashable) -> Network | None:
        with self._lock:
            if key in self._recent:
                self._recent.move_to_end(key)
                return self._recent[key]
            return self._pinned.get(key)

    def _put(self, key: Hashable, network: Network, pin: bool) -> list[Network]:
        if pin:
            with self._lock:
                self._pinned[key] = network
            return []
        most = networks_kept()
        with self._lock:
            self._recent[key] = network
            surplus = max(0, len(self._recent) - most)
            return [self._recent.popitem(last=False)[1] for _ in range(surplus)]
