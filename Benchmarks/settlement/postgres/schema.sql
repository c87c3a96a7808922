-- The ledger as a PostgreSQL user would write it for speed: the same accounts, counters and checks, transfers with a
-- unique id. It does less than ours: no history by account, no journal, no audit, no holds, no recorded refusals.
CREATE TABLE account (
  number integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  id uuid NOT NULL UNIQUE,
  currency char(3) NOT NULL,
  environment smallint NOT NULL CHECK (environment IN (1, 2)),
  overdraft_allowed boolean NOT NULL,
  state smallint NOT NULL DEFAULT 1 CHECK (state BETWEEN 1 AND 3),
  debits_posted bigint NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
  debits_pending bigint NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
  credits_posted bigint NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
  credits_pending bigint NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
  CHECK (overdraft_allowed OR credits_posted - debits_posted - debits_pending >= 0)
) WITH (fillfactor = 50); -- room for versions of a row in its page, so that indexes are left alone

CREATE TABLE transfer (
  number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  id uuid NOT NULL UNIQUE,
  debit integer NOT NULL,
  credit integer NOT NULL,
  amount bigint NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000000),
  currency char(3) NOT NULL,
  create_time timestamptz NOT NULL DEFAULT now(),
  CHECK (debit <> credit)
);

-- One transfer; the outcome by the number that TransferOutcome gives it.
CREATE FUNCTION submit(transfer_id uuid, debit_id uuid, credit_id uuid, amount bigint, currency char(3)) RETURNS smallint
LANGUAGE plpgsql AS $$
DECLARE
  d account;
  c account;
BEGIN
  IF amount NOT BETWEEN 1 AND 1000000000000000 THEN RETURN 4; END IF;
  IF debit_id = credit_id THEN RETURN 7; END IF;
  -- In one order for everybody, so that no two wait for each other.
  IF debit_id < credit_id THEN
    SELECT * INTO d FROM account WHERE id = debit_id FOR NO KEY UPDATE;
    SELECT * INTO c FROM account WHERE id = credit_id FOR NO KEY UPDATE;
  ELSE
    SELECT * INTO c FROM account WHERE id = credit_id FOR NO KEY UPDATE;
    SELECT * INTO d FROM account WHERE id = debit_id FOR NO KEY UPDATE;
  END IF;
  IF d.number IS NULL THEN RETURN 8; END IF;
  IF c.number IS NULL THEN RETURN 9; END IF;
  IF d.currency <> currency OR c.currency <> currency THEN RETURN 11; END IF;
  IF d.environment <> c.environment THEN RETURN 12; END IF;
  IF d.state = 2 OR c.state = 2 THEN RETURN 13; END IF;
  IF d.state = 3 OR c.state = 3 THEN RETURN 14; END IF;
  IF NOT d.overdraft_allowed AND d.credits_posted - d.debits_posted - d.debits_pending < amount THEN RETURN 20; END IF;
  INSERT INTO transfer (id, debit, credit, amount, currency)
    VALUES (transfer_id, d.number, c.number, amount, currency) ON CONFLICT (id) DO NOTHING;
  IF NOT FOUND THEN RETURN 5; END IF;
  UPDATE account SET debits_posted = debits_posted + amount WHERE number = d.number;
  UPDATE account SET credits_posted = credits_posted + amount WHERE number = c.number;
  RETURN 1;
END $$;

-- The fastest form of a batch: in sets. It stands or falls as a whole, which ours does not; the number recorded.
CREATE FUNCTION submit_all(ids uuid[], debit_ids uuid[], credit_ids uuid[], amounts bigint[]) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  recorded integer;
BEGIN
  PERFORM FROM account WHERE id IN (SELECT unnest(debit_ids) UNION SELECT unnest(credit_ids))
    ORDER BY id FOR NO KEY UPDATE;
  WITH asked AS MATERIALIZED (
    SELECT a.id, d.number AS debit, c.number AS credit, a.amount, d.currency
    FROM unnest(ids, debit_ids, credit_ids, amounts) AS a (id, debit_id, credit_id, amount)
    JOIN account d ON d.id = a.debit_id
    JOIN account c ON c.id = a.credit_id
    WHERE d.currency = c.currency AND d.environment = c.environment AND d.state = 1 AND c.state = 1
  ), added AS (
    INSERT INTO transfer (id, debit, credit, amount, currency)
      SELECT * FROM asked ON CONFLICT (id) DO NOTHING RETURNING debit, credit, amount
  ), moved AS (
    SELECT number, sum(debits) AS debits, sum(credits) AS credits FROM (
      SELECT debit AS number, amount AS debits, 0 AS credits FROM added
      UNION ALL SELECT credit, 0, amount FROM added) AS sides
    GROUP BY number
  ), changed AS (
    UPDATE account SET debits_posted = debits_posted + moved.debits, credits_posted = credits_posted + moved.credits
      FROM moved WHERE account.number = moved.number
  )
  SELECT count(*) INTO recorded FROM added;
  RETURN recorded;
END $$;
