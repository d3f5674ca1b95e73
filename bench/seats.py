"""How many seats of one hot seminar can be held in a second, by several people at once, on SQLite."""

import threading
import time

from bench.house import open_house
from cme.database import db
from cme.gateways import real_clock
from cme.registration import services
from tests import factories

PEOPLE, AT_ONCE = 120, 4


def main() -> None:
    """Hold a seat for everybody, from four threads."""
    now = real_clock()
    with open_house() as app:
        with app.app_context():
            seminar = factories.seminar(now=now, capacity=PEOPLE)
            offering = seminar.offerings[0].id
            people = [factories.account(f"p{n}@bench.test", f"Person {n}, MD", "md", now=now).id for n in range(PEOPLE)]
            db.session.remove()

        def some(start: int) -> None:
            with app.app_context():
                for person in people[start::AT_ONCE]:
                    services.register(person, offering, form_id=None, now=now)

        threads = [threading.Thread(target=some, args=(start,)) for start in range(AT_ONCE)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        taken = time.perf_counter() - began
    print(f"seats: {PEOPLE / taken:.0f} held a second, {PEOPLE} of {PEOPLE} people, {AT_ONCE} threads")


if __name__ == "__main__":
    main()
