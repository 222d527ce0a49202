"""Run by Tryton's own Python: loads its database with a history, then posts moves through its model API.

Each move is what its own client does: created, assigned against the stock that
is there (`assign_try`) and done, in one transaction; the check is what makes it
comparable. No RPC is in it, which flatters Tryton by the cost of its server.

    moves.py CONF DATABASE load PRODUCTS MOVES
    moves.py CONF DATABASE post SINGLES BATCHES SIZE     prints moves a second as JSON
"""

import json
import sys
import time
from decimal import Decimal

PIECES = 100_000
"""What arrived of each product."""


def main(conf, database, what, *numbers):
    from trytond import config  # noqa: PLC0415 - only Tryton's own environment has it

    config.update_etc(conf)
    from trytond.pool import Pool  # noqa: PLC0415
    from trytond.transaction import Transaction  # noqa: PLC0415

    Pool.start()
    pool = Pool(database)
    pool.init()
    {"load": load, "post": post}[what](pool, Transaction, database, *map(int, numbers))


def load(pool, transaction, database, products, moves):
    """Make a company and products with as many pieces in the storage, and a history of moves out of it."""
    with transaction().start(database, 0) as begun:
        get = pool.get
        (unit,) = get("product.uom").search([("symbol", "=", "u")], limit=1)
        (currency,) = get("currency.currency").search([], limit=1) or get("currency.currency").create(
            [{"name": "Euro", "symbol": "€", "code": "EUR", "digits": 2, "rounding": Decimal("0.01")}]
        )
        (party,) = get("party.party").create([{"name": "Peer"}])
        (company,) = get("company.company").create([{"party": party.id, "currency": currency.id}])
        (user,) = get("res.user").search([("login", "=", "admin")])
        get("res.user").write([user], {"companies": [("add", [company.id])], "company": company.id})
        begun.commit()
    with transaction().start(database, user.id, context={"company": company.id}) as begun:
        (supplier,) = get("stock.location").search([("code", "=", "SUP")], limit=1)
        (storage,) = get("stock.location").search([("code", "=", "STO")], limit=1)
        (customer,) = get("stock.location").search([("code", "=", "CUS")], limit=1)
        made = get("product.template").create(
            [
                {"name": f"Product {n}", "type": "goods", "default_uom": unit.id, "products": [("create", [{}])]}
                for n in range(products)
            ]
        )
        today = get("ir.date").today()
        arrived = get("stock.move").create(
            [
                {
                    "product": each.products[0].id,
                    "unit": unit.id,
                    "quantity": PIECES,
                    "from_location": supplier.id,
                    "to_location": storage.id,
                    "company": company.id,
                    "unit_price": Decimal(1),
                    "currency": currency.id,
                    "effective_date": today,
                    "planned_date": today,
                }
                for each in made
            ]
        )
        get("stock.move").do(arrived)
        begun.commit()
        cursor = begun.connection.cursor()
        cursor.execute("select column_name from information_schema.columns where table_name = 'stock_move'")
        # the rest of the history is copies of these arrivals, turned into single pieces that left
        changed = {
            "quantity": "1",
            "internal_quantity": "1",
            "from_location": str(storage.id),
            "to_location": str(customer.id),
        }
        columns = [name for (name,) in cursor.fetchall() if name != "id"]
        chosen = ", ".join(changed.get(name, f'm."{name}"') for name in columns)
        named = ", ".join(f'"{name}"' for name in columns)
        cursor.execute(
            f"insert into stock_move ({named}) select {chosen} from stock_move m, generate_series(2, %s)",
            (moves // products,),
        )
        cursor.execute("analyze stock_move")
        begun.commit()


def post(pool, transaction, database, singles, batches, size):
    """Post moves, one a transaction and then many."""
    with transaction().start(database, 0):
        (user,) = pool.get("res.user").search([("login", "=", "admin")])
        user, company = user.id, user.company.id
        (storage,) = pool.get("stock.location").search([("code", "=", "STO")], limit=1)
        (output,) = pool.get("stock.location").search([("code", "=", "OUT")], limit=1)
        products = [each.id for each in pool.get("product.product").search([])]
        (unit,) = pool.get("product.uom").search([("symbol", "=", "u")], limit=1)

    def one(count, first):
        with transaction().start(database, user, context={"company": company}) as begun:
            move = pool.get("stock.move")
            today = pool.get("ir.date").today()
            moves = move.create(
                [
                    {
                        "product": products[(first + number) * 7919 % len(products)],
                        "unit": unit.id,
                        "quantity": 1,
                        "from_location": storage.id,
                        "to_location": output.id,
                        "company": company,
                        "effective_date": today,
                        "planned_date": today,
                    }
                    for number in range(count)
                ]
            )
            if not move.assign_try(moves):
                raise RuntimeError("Tryton found too little stock")
            move.do(moves)
            begun.commit()

    one(1, 0)
    started = time.perf_counter()
    for number in range(singles):
        one(1, number)
    single = singles / (time.perf_counter() - started)
    started = time.perf_counter()
    for number in range(batches):
        one(size, number * size)
    batch = batches * size / (time.perf_counter() - started)
    print(json.dumps({"single": single, "batch": batch}))


if __name__ == "__main__":
    main(*sys.argv[1:])
