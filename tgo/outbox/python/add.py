"""Stores an order and adds the message about it to the outbox, in one transaction: either both are stored, or neither.

    DATABASE_URL=postgres://... python add.py [--rollback] ORDER

The worker, a Go program, sends the message. The database must be migrated (tgo outbox migrate).
"""

import argparse
import json
import os
from dataclasses import dataclass

import riverqueue
import sqlalchemy
from riverqueue.driver import riversqlalchemy


@dataclass
class TextMessage:
    sender: str
    to: str
    text: str
    key: str  # of messages with the same key, only the first is sent
    kind: str = "tgo_message"

    def to_json(self) -> str:
        return json.dumps({"version": 1, "from": self.sender, "to": self.to, "type": "text", "text": self.text, "key": self.key})

    def insert_opts(self) -> riverqueue.InsertOpts:
        # Priority 1 is for codes, 2 for messages to one person, 3 for messages to many.
        # No unique_opts, which in this client are for an older version of River's table. The key replaces them.
        return riverqueue.InsertOpts(queue="tgo", priority=2)


parser = argparse.ArgumentParser()
parser.add_argument("order", type=int)
parser.add_argument("--rollback", action="store_true", help="roll the transaction back: nothing is stored")
args = parser.parse_args()

url = sqlalchemy.make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg")
engine = sqlalchemy.create_engine(url, hide_parameters=True)  # otherwise errors and logs would show texts and phones
client = riverqueue.Client(riversqlalchemy.Driver(engine))
with engine.begin() as tx:
    tx.execute(sqlalchemy.text("CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, phone text NOT NULL)"))

phone = "+201010000000"
message = TextMessage("+201001187188", phone, f"Your order {args.order} has shipped", f"order-{args.order}-shipped")
with engine.connect() as tx:  # with an ORM session, use session.connection()
    tx.execute(sqlalchemy.text("INSERT INTO orders (id, phone) VALUES (:id, :phone)"), {"id": args.order, "phone": phone})
    job = client.insert_tx(tx, message).job
    if args.rollback:
        tx.rollback()
    else:
        tx.commit()
        print(f"message {job.id} is in the outbox")
