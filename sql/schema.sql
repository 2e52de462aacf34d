-- The canonical tables of bank360, then what `bank360 export` writes: the star schema, and the tables of features.
-- Generated from src/bank360/bank/tables.py, tables_star.py, features/behaviour_tables.py and place_tables.py by
-- `make schema`.
-- Instants are UTC without a zone; dates are the bank's local days; money is minor units of the row's currency.
-- A correction is a new row: at a moment T a row is visible if known_time < T and not superseded_time < T.
-- customer_features is the exported table, of a customer's lifetime. In a warehouse the table of this name is what
-- `bank360 build` made last: other columns, those of docs/reference/features.md by customer.

CREATE TABLE "customers" (
    "customer_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "birth_date" DATE,
    "sex" TEXT,
    "marital_status" TEXT,
    "region" TEXT,
    "onboarded_on" DATE,
    "left_on" DATE,
    "leave_reason" TEXT,
    "deceased_on" DATE,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("customer_id", "known_time"),
    CHECK ("type" IN ('person', 'company')),
    CHECK ("sex" IN ('female', 'male', 'other', 'unknown')),
    CHECK ("marital_status" IN ('single', 'married', 'divorced', 'widowed', 'other', 'unknown')),
    CHECK ("leave_reason" IN ('closed', 'switched', 'deceased', 'bank_closed'))
);
COMMENT ON TABLE "customers" IS 'one record of a customer as a source''s customer master holds it';
COMMENT ON COLUMN "customers"."customer_id" IS 'the customer, as the source names them; tags: key';
COMMENT ON COLUMN "customers"."type" IS 'person or company; tags: plain';
COMMENT ON COLUMN "customers"."birth_date" IS 'date of birth; tags: pii, protected';
COMMENT ON COLUMN "customers"."sex" IS 'sex as recorded; tags: protected';
COMMENT ON COLUMN "customers"."marital_status" IS 'marital status as recorded; tags: protected';
COMMENT ON COLUMN "customers"."region" IS 'region of residence; tags: plain';
COMMENT ON COLUMN "customers"."onboarded_on" IS 'local day the relationship began; tags: plain';
COMMENT ON COLUMN "customers"."left_on" IS 'local day the relationship ended; tags: plain';
COMMENT ON COLUMN "customers"."leave_reason" IS 'why it ended; tags: plain';
COMMENT ON COLUMN "customers"."deceased_on" IS 'local day of death; tags: pii';
COMMENT ON COLUMN "customers"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "customers"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "customers"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "customers"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "customers"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "customers"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "source_keys" (
    "source" TEXT NOT NULL,
    "source_key" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "customer_id" TEXT NOT NULL,
    "valid_to" DATE,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("source", "source_key", "valid_from", "known_time")
);
COMMENT ON TABLE "source_keys" IS 'a source''s key for a person belongs to one customer, from valid_from on; made by identity, never delivered';
COMMENT ON COLUMN "source_keys"."source" IS 'the system that uses the key; tags: key';
COMMENT ON COLUMN "source_keys"."source_key" IS 'the key in that system; tags: key';
COMMENT ON COLUMN "source_keys"."valid_from" IS 'first local day of the mapping; tags: key';
COMMENT ON COLUMN "source_keys"."customer_id" IS 'the stable customer id; tags: key';
COMMENT ON COLUMN "source_keys"."valid_to" IS 'day after the last day of the mapping; tags: plain';
COMMENT ON COLUMN "source_keys"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "source_keys"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "source_keys"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "source_keys"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "source_keys"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "source_keys"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "customer_personal" (
    "customer_id" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "given_name" TEXT,
    "family_name" TEXT,
    "birth_date" DATE,
    "address_line" TEXT,
    "city" TEXT,
    "postcode" TEXT,
    "email" TEXT,
    "phone" TEXT,
    "source" TEXT NOT NULL,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("customer_id", "valid_from", "known_time")
);
COMMENT ON TABLE "customer_personal" IS 'direct identifiers of a customer from valid_from on; read by identity and by a reveal, never by features';
COMMENT ON COLUMN "customer_personal"."customer_id" IS 'the customer, as the source names them; refers to customers.customer_id; tags: key';
COMMENT ON COLUMN "customer_personal"."valid_from" IS 'first local day on which it held; tags: key';
COMMENT ON COLUMN "customer_personal"."given_name" IS 'given name; tags: pii';
COMMENT ON COLUMN "customer_personal"."family_name" IS 'family name; tags: pii';
COMMENT ON COLUMN "customer_personal"."birth_date" IS 'date of birth; tags: pii, protected';
COMMENT ON COLUMN "customer_personal"."address_line" IS 'street and number; tags: pii';
COMMENT ON COLUMN "customer_personal"."city" IS 'town; tags: pii';
COMMENT ON COLUMN "customer_personal"."postcode" IS 'postcode; tags: pii';
COMMENT ON COLUMN "customer_personal"."email" IS 'e-mail address; tags: pii';
COMMENT ON COLUMN "customer_personal"."phone" IS 'telephone number; tags: pii';
COMMENT ON COLUMN "customer_personal"."source" IS 'the customer system that holds the record; tags: plain';
COMMENT ON COLUMN "customer_personal"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "customer_personal"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "customer_personal"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "customer_personal"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "customer_personal"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "customer_personal"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "customer_facts" (
    "customer_id" TEXT NOT NULL,
    "fact" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "value" TEXT,
    "number" DOUBLE PRECISION,
    "origin" TEXT NOT NULL,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("customer_id", "fact", "valid_from", "known_time"),
    CHECK ("origin" IN ('declared', 'verified', 'bureau', 'supplied'))
);
COMMENT ON TABLE "customer_facts" IS 'one thing known of a customer from valid_from on (income declared, employment, a flat file''s own columns)';
COMMENT ON COLUMN "customer_facts"."customer_id" IS 'the customer, as the source names them; refers to customers.customer_id; tags: key';
COMMENT ON COLUMN "customer_facts"."fact" IS 'name of the fact; tags: key';
COMMENT ON COLUMN "customer_facts"."valid_from" IS 'first local day on which it held; tags: key';
COMMENT ON COLUMN "customer_facts"."value" IS 'the value as text; tags: plain';
COMMENT ON COLUMN "customer_facts"."number" IS 'the value as a number, where it is one; tags: plain';
COMMENT ON COLUMN "customer_facts"."origin" IS 'how it came to be known; tags: plain';
COMMENT ON COLUMN "customer_facts"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "customer_facts"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "customer_facts"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "customer_facts"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "customer_facts"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "customer_facts"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "products" (
    "product_id" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "family" TEXT NOT NULL,
    "line" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "secured" BOOLEAN,
    "revolving" BOOLEAN,
    "rate_type" TEXT,
    "fee" BIGINT,
    "transfer_rate" DOUBLE PRECISION,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("product_id", "valid_from", "known_time"),
    CHECK ("family" IN ('deposits', 'lending', 'protection', 'wealth')),
    CHECK ("line" IN ('current_account', 'savings', 'credit_card', 'personal_loan', 'mortgage', 'insurance', 'investment')),
    CHECK ("rate_type" IN ('fixed', 'variable', 'none')),
    CHECK ("transfer_rate" >= -1),
    CHECK ("transfer_rate" <= 1)
);
COMMENT ON TABLE "products" IS 'a product on offer from valid_from on: family > line > product';
COMMENT ON COLUMN "products"."product_id" IS 'the product; tags: key';
COMMENT ON COLUMN "products"."valid_from" IS 'first local day on offer; tags: key';
COMMENT ON COLUMN "products"."family" IS 'top of the product tree; tags: plain';
COMMENT ON COLUMN "products"."line" IS 'product line; tags: plain';
COMMENT ON COLUMN "products"."name" IS 'plain name; tags: plain';
COMMENT ON COLUMN "products"."secured" IS 'whether collateral stands behind it; tags: plain';
COMMENT ON COLUMN "products"."revolving" IS 'whether it can be drawn again; tags: plain';
COMMENT ON COLUMN "products"."rate_type" IS 'how the client rate is set; tags: plain';
COMMENT ON COLUMN "products"."fee" IS 'monthly fee; unit: minor units; tags: money';
COMMENT ON COLUMN "products"."transfer_rate" IS 'internal funding rate; unit: 1/year; tags: plain';
COMMENT ON COLUMN "products"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "products"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "products"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "products"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "products"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "products"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "accounts" (
    "account_id" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,
    "opened_on" DATE NOT NULL,
    "closed_on" DATE,
    "close_reason" TEXT,
    "currency" TEXT NOT NULL,
    "branch" TEXT,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("account_id", "known_time"),
    CHECK ("close_reason" IN ('good_standing', 'switched', 'charged_off', 'fraud', 'deceased'))
);
COMMENT ON TABLE "accounts" IS 'one account';
COMMENT ON COLUMN "accounts"."account_id" IS 'the account; tags: key';
COMMENT ON COLUMN "accounts"."product_id" IS 'its product; refers to products.product_id; tags: key';
COMMENT ON COLUMN "accounts"."opened_on" IS 'local day of opening; tags: plain';
COMMENT ON COLUMN "accounts"."closed_on" IS 'local day of closing; tags: plain';
COMMENT ON COLUMN "accounts"."close_reason" IS 'why it closed; tags: plain';
COMMENT ON COLUMN "accounts"."currency" IS 'ISO 4217 code; tags: plain';
COMMENT ON COLUMN "accounts"."branch" IS 'branch code; tags: plain';
COMMENT ON COLUMN "accounts"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "accounts"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "accounts"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "accounts"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "accounts"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "accounts"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "account_terms" (
    "account_id" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "credit_limit" BIGINT,
    "rate" DOUBLE PRECISION,
    "term_months" BIGINT,
    "instalment" BIGINT,
    "due_day" BIGINT,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("account_id", "valid_from", "known_time"),
    CHECK ("credit_limit" >= 0),
    CHECK ("rate" >= -1),
    CHECK ("rate" <= 10),
    CHECK ("term_months" >= 1),
    CHECK ("term_months" <= 600),
    CHECK ("instalment" >= 0),
    CHECK ("due_day" >= 1),
    CHECK ("due_day" <= 31)
);
COMMENT ON TABLE "account_terms" IS 'the terms of an account from valid_from on';
COMMENT ON COLUMN "account_terms"."account_id" IS 'the account; refers to accounts.account_id; tags: key';
COMMENT ON COLUMN "account_terms"."valid_from" IS 'first local day of the terms; tags: key';
COMMENT ON COLUMN "account_terms"."credit_limit" IS 'credit or overdraft limit, not negative; unit: minor units; tags: money';
COMMENT ON COLUMN "account_terms"."rate" IS 'client rate; unit: 1/year; tags: plain';
COMMENT ON COLUMN "account_terms"."term_months" IS 'term; unit: months; tags: plain';
COMMENT ON COLUMN "account_terms"."instalment" IS 'amount due each month; unit: minor units; tags: money';
COMMENT ON COLUMN "account_terms"."due_day" IS 'day of the month on which it falls due; tags: plain';
COMMENT ON COLUMN "account_terms"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "account_terms"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "account_terms"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "account_terms"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "account_terms"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "account_terms"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "account_parties" (
    "account_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,
    "liability_share" DOUBLE PRECISION NOT NULL,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("account_id", "customer_id", "role", "valid_from", "known_time"),
    CHECK ("role" IN ('owner', 'joint_holder', 'authorised', 'guarantor')),
    CHECK ("liability_share" >= 0),
    CHECK ("liability_share" <= 1)
);
COMMENT ON TABLE "account_parties" IS 'a customer has a role in an account from valid_from on';
COMMENT ON COLUMN "account_parties"."account_id" IS 'the account; refers to accounts.account_id; tags: key';
COMMENT ON COLUMN "account_parties"."customer_id" IS 'the customer, as the source names them; refers to customers.customer_id; tags: key';
COMMENT ON COLUMN "account_parties"."role" IS 'the part; tags: key';
COMMENT ON COLUMN "account_parties"."valid_from" IS 'first local day of the role; tags: key';
COMMENT ON COLUMN "account_parties"."valid_to" IS 'day after its last day; tags: plain';
COMMENT ON COLUMN "account_parties"."liability_share" IS 'share of value; each obligor still owes the whole debt; unit: 1; tags: plain';
COMMENT ON COLUMN "account_parties"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "account_parties"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "account_parties"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "account_parties"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "account_parties"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "account_parties"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "cards" (
    "card_token" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "issued_on" DATE NOT NULL,
    "blocked_on" DATE,
    "reason" TEXT,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("card_token", "known_time")
);
COMMENT ON TABLE "cards" IS 'one card';
COMMENT ON COLUMN "cards"."card_token" IS 'keyed hash of the card number; tags: key, token';
COMMENT ON COLUMN "cards"."account_id" IS 'account it draws on; refers to accounts.account_id; tags: key';
COMMENT ON COLUMN "cards"."customer_id" IS 'holder, as the source names them; refers to customers.customer_id; tags: key';
COMMENT ON COLUMN "cards"."issued_on" IS 'local day of issue; tags: plain';
COMMENT ON COLUMN "cards"."blocked_on" IS 'local day of blocking; tags: plain';
COMMENT ON COLUMN "cards"."reason" IS 'why blocked; tags: plain';
COMMENT ON COLUMN "cards"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "cards"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "cards"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "cards"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "cards"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "cards"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "merchants" (
    "merchant_id" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "mcc" BIGINT,
    "name" TEXT,
    "country" TEXT,
    "category_version" TEXT,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("merchant_id", "valid_from", "known_time"),
    CHECK ("mcc" >= 0),
    CHECK ("mcc" <= 9999)
);
COMMENT ON TABLE "merchants" IS 'a merchant as known from valid_from on';
COMMENT ON COLUMN "merchants"."merchant_id" IS 'the merchant; tags: key';
COMMENT ON COLUMN "merchants"."valid_from" IS 'first local day on which it held; tags: key';
COMMENT ON COLUMN "merchants"."mcc" IS 'ISO 18245 merchant category code; tags: plain';
COMMENT ON COLUMN "merchants"."name" IS 'trading name; tags: plain';
COMMENT ON COLUMN "merchants"."country" IS 'ISO 3166 alpha-2 code; tags: plain';
COMMENT ON COLUMN "merchants"."category_version" IS 'the source''s edition of merchant codes; tags: plain';
COMMENT ON COLUMN "merchants"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "merchants"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "merchants"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "merchants"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "merchants"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "merchants"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "balances" (
    "account_id" TEXT NOT NULL,
    "date" DATE NOT NULL,
    "booked" BIGINT NOT NULL,
    "available" BIGINT,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("account_id", "date", "known_time")
);
COMMENT ON TABLE "balances" IS 'the balance of an account at the end of a local day (usually month ends only)';
COMMENT ON COLUMN "balances"."account_id" IS 'the account; refers to accounts.account_id; tags: key';
COMMENT ON COLUMN "balances"."date" IS 'local day at whose end it stood; tags: key';
COMMENT ON COLUMN "balances"."booked" IS 'booked balance; negative is owed to the bank; unit: minor units; tags: money';
COMMENT ON COLUMN "balances"."available" IS 'booked plus unused limit; unit: minor units; tags: money';
COMMENT ON COLUMN "balances"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "balances"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "balances"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "balances"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "balances"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "balances"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "credit_months" (
    "account_id" TEXT NOT NULL,
    "month_end" DATE NOT NULL,
    "balance" BIGINT NOT NULL,
    "credit_limit" BIGINT,
    "amount_due" BIGINT NOT NULL,
    "paid" BIGINT NOT NULL,
    "arrears" BIGINT NOT NULL,
    "days_past_due" BIGINT NOT NULL,
    "status" TEXT NOT NULL,
    "forbearance" BOOLEAN NOT NULL,
    "written_off" BIGINT NOT NULL,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("account_id", "month_end", "known_time"),
    CHECK ("balance" >= 0),
    CHECK ("credit_limit" >= 0),
    CHECK ("amount_due" >= 0),
    CHECK ("paid" >= 0),
    CHECK ("arrears" >= 0),
    CHECK ("days_past_due" >= 0),
    CHECK ("days_past_due" <= 20000),
    CHECK ("status" IN ('performing', 'arrears', 'default', 'charged_off', 'closed')),
    CHECK ("written_off" >= 0)
);
COMMENT ON TABLE "credit_months" IS 'the state of a credit account at a month''s end';
COMMENT ON COLUMN "credit_months"."account_id" IS 'the account; refers to accounts.account_id; tags: key';
COMMENT ON COLUMN "credit_months"."month_end" IS 'last local day of the month; tags: key';
COMMENT ON COLUMN "credit_months"."balance" IS 'amount owed, not negative; unit: minor units; tags: money';
COMMENT ON COLUMN "credit_months"."credit_limit" IS 'limit; null for instalment credit; unit: minor units; tags: money';
COMMENT ON COLUMN "credit_months"."amount_due" IS 'due in the month; unit: minor units; tags: money';
COMMENT ON COLUMN "credit_months"."paid" IS 'paid in the month; unit: minor units; tags: money';
COMMENT ON COLUMN "credit_months"."arrears" IS 'due and not paid so far; unit: minor units; tags: money';
COMMENT ON COLUMN "credit_months"."days_past_due" IS 'days past due at the month''s end; unit: days; tags: plain';
COMMENT ON COLUMN "credit_months"."status" IS 'where the account stands; tags: plain';
COMMENT ON COLUMN "credit_months"."forbearance" IS 'whether terms were eased for hardship; tags: plain';
COMMENT ON COLUMN "credit_months"."written_off" IS 'written off in the month; unit: minor units; tags: money';
COMMENT ON COLUMN "credit_months"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "credit_months"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "credit_months"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "credit_months"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "credit_months"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "credit_months"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "schedule" (
    "account_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "due_on" DATE NOT NULL,
    "amount_due" BIGINT NOT NULL,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("account_id", "seq", "known_time"),
    CHECK ("seq" >= 1),
    CHECK ("seq" <= 600),
    CHECK ("amount_due" >= 0)
);
COMMENT ON TABLE "schedule" IS 'one instalment due on an instalment account';
COMMENT ON COLUMN "schedule"."account_id" IS 'the account; refers to accounts.account_id; tags: key';
COMMENT ON COLUMN "schedule"."seq" IS 'instalment number from 1; tags: key';
COMMENT ON COLUMN "schedule"."due_on" IS 'local day it falls due; tags: plain';
COMMENT ON COLUMN "schedule"."amount_due" IS 'amount; unit: minor units; tags: money';
COMMENT ON COLUMN "schedule"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "schedule"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "schedule"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "schedule"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "schedule"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "schedule"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "payments" (
    "payment_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "paid_on" DATE NOT NULL,
    "amount" BIGINT NOT NULL,
    "returned" BOOLEAN NOT NULL,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("payment_id", "known_time"),
    CHECK ("amount" >= 0)
);
COMMENT ON TABLE "payments" IS 'one repayment of a credit account, made or returned';
COMMENT ON COLUMN "payments"."payment_id" IS 'the payment; tags: key';
COMMENT ON COLUMN "payments"."account_id" IS 'the account repaid; refers to accounts.account_id; tags: key';
COMMENT ON COLUMN "payments"."paid_on" IS 'local day; tags: plain';
COMMENT ON COLUMN "payments"."amount" IS 'amount, not negative; unit: minor units; tags: money';
COMMENT ON COLUMN "payments"."returned" IS 'whether the paying bank sent it back; tags: plain';
COMMENT ON COLUMN "payments"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "payments"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "payments"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "payments"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "payments"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "payments"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "transactions" (
    "transaction_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "card_token" TEXT,
    "terminal_id" TEXT,
    "actor_customer_id" TEXT,
    "event_time" TIMESTAMP NOT NULL,
    "event_precision" TEXT NOT NULL,
    "booked_on" DATE NOT NULL,
    "amount" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "original_amount" BIGINT,
    "original_currency" TEXT,
    "channel" TEXT NOT NULL,
    "scheme" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "merchant_id" TEXT,
    "counterparty_token" TEXT,
    "mandate_id" TEXT,
    "reverses_id" TEXT,
    "country" TEXT NOT NULL,
    "balance_after" BIGINT,
    "raw_text" TEXT,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("transaction_id", "known_time"),
    CHECK ("event_precision" IN ('second', 'day')),
    CHECK ("channel" IN ('pos', 'online', 'atm', 'branch', 'phone', 'mobile', 'email', 'system', 'unknown')),
    CHECK ("scheme" IN ('card', 'direct_debit', 'standing_order', 'transfer', 'cash', 'fee', 'interest', 'unknown')),
    CHECK ("category" IN ('groceries', 'utilities', 'rent', 'telecom', 'transport', 'fuel', 'health', 'education', 'insurance_premium', 'tax', 'restaurants', 'leisure', 'shopping', 'electronics', 'travel', 'gambling', 'subscriptions', 'cash', 'salary', 'benefits', 'pension', 'other_income', 'loan_repayment', 'loan_disbursement', 'card_repayment', 'own_transfer', 'other_transfer', 'fee', 'interest', 'returned_payment', 'unknown'))
);
COMMENT ON TABLE "transactions" IS 'one booked movement on an account; positive amounts come in';
COMMENT ON COLUMN "transactions"."transaction_id" IS 'the transaction; tags: key';
COMMENT ON COLUMN "transactions"."account_id" IS 'the account; refers to accounts.account_id; tags: key';
COMMENT ON COLUMN "transactions"."card_token" IS 'card used; refers to cards.card_token; tags: key, token';
COMMENT ON COLUMN "transactions"."terminal_id" IS 'terminal used; tags: key';
COMMENT ON COLUMN "transactions"."actor_customer_id" IS 'who acted, as the source names them; null: the owner; refers to customers.customer_id; tags: key';
COMMENT ON COLUMN "transactions"."event_time" IS 'instant it happened (UTC); for precision ''day'', local midnight; tags: plain';
COMMENT ON COLUMN "transactions"."event_precision" IS 'whether the time of day is known; tags: plain';
COMMENT ON COLUMN "transactions"."booked_on" IS 'local day of booking; tags: plain';
COMMENT ON COLUMN "transactions"."amount" IS 'signed amount in the account''s currency; unit: minor units; tags: money';
COMMENT ON COLUMN "transactions"."currency" IS 'ISO 4217 code of the account; tags: plain';
COMMENT ON COLUMN "transactions"."original_amount" IS 'signed amount in the original currency; unit: minor units; tags: money';
COMMENT ON COLUMN "transactions"."original_currency" IS 'ISO 4217 code of the original; tags: plain';
COMMENT ON COLUMN "transactions"."channel" IS 'where it took place; tags: plain';
COMMENT ON COLUMN "transactions"."scheme" IS 'how money moved; tags: plain';
COMMENT ON COLUMN "transactions"."category" IS 'what it was for; tags: plain';
COMMENT ON COLUMN "transactions"."merchant_id" IS 'merchant; refers to merchants.merchant_id; tags: key';
COMMENT ON COLUMN "transactions"."counterparty_token" IS 'keyed hash of the other party; tags: key, token';
COMMENT ON COLUMN "transactions"."mandate_id" IS 'direct-debit mandate; tags: key';
COMMENT ON COLUMN "transactions"."reverses_id" IS 'transaction that this one reverses or returns; refers to transactions.transaction_id; tags: key';
COMMENT ON COLUMN "transactions"."country" IS 'ISO 3166 alpha-2 code of where it took place; tags: plain';
COMMENT ON COLUMN "transactions"."balance_after" IS 'booked balance after it; unit: minor units; tags: money';
COMMENT ON COLUMN "transactions"."raw_text" IS 'statement text as received; tags: pii';
COMMENT ON COLUMN "transactions"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "transactions"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "transactions"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "transactions"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "transactions"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "transactions"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "transaction_facts" (
    "transaction_id" TEXT NOT NULL,
    "fact" TEXT NOT NULL,
    "value" TEXT,
    "number" DOUBLE PRECISION,
    "origin" TEXT NOT NULL,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("transaction_id", "fact", "known_time"),
    CHECK ("origin" IN ('declared', 'verified', 'bureau', 'supplied'))
);
COMMENT ON TABLE "transaction_facts" IS 'one further column that a source supplies about a transaction';
COMMENT ON COLUMN "transaction_facts"."transaction_id" IS 'the transaction; refers to transactions.transaction_id; tags: key';
COMMENT ON COLUMN "transaction_facts"."fact" IS 'name of the fact; tags: key';
COMMENT ON COLUMN "transaction_facts"."value" IS 'the value as text, where it is no number; tags: plain';
COMMENT ON COLUMN "transaction_facts"."number" IS 'the value as a number, where it is one; tags: plain';
COMMENT ON COLUMN "transaction_facts"."origin" IS 'how it came to be known; tags: plain';
COMMENT ON COLUMN "transaction_facts"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "transaction_facts"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "transaction_facts"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "transaction_facts"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "transaction_facts"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "transaction_facts"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "applications" (
    "application_id" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "requested_amount" BIGINT NOT NULL,
    "term_months" BIGINT,
    "purpose" TEXT,
    "submitted_at" TIMESTAMP NOT NULL,
    "event_precision" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "decided_at" TIMESTAMP,
    "decision_source" TEXT,
    "override_reason" TEXT,
    "offered_amount" BIGINT,
    "offered_rate" DOUBLE PRECISION,
    "taken_up" BOOLEAN,
    "account_id" TEXT,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("application_id", "known_time"),
    CHECK ("channel" IN ('pos', 'online', 'atm', 'branch', 'phone', 'mobile', 'email', 'system', 'unknown')),
    CHECK ("requested_amount" >= 0),
    CHECK ("term_months" >= 1),
    CHECK ("term_months" <= 600),
    CHECK ("event_precision" IN ('second', 'day')),
    CHECK ("outcome" IN ('approved', 'declined', 'withdrawn', 'pending')),
    CHECK ("decision_source" IN ('policy', 'random_accept', 'override')),
    CHECK ("offered_amount" >= 0),
    CHECK ("offered_rate" >= 0),
    CHECK ("offered_rate" <= 10)
);
COMMENT ON TABLE "applications" IS 'one application for credit and how it ended';
COMMENT ON COLUMN "applications"."application_id" IS 'the application; tags: key';
COMMENT ON COLUMN "applications"."product_id" IS 'product applied for; refers to products.product_id; tags: key';
COMMENT ON COLUMN "applications"."channel" IS 'where it was made; tags: plain';
COMMENT ON COLUMN "applications"."requested_amount" IS 'amount applied for; unit: minor units; tags: money';
COMMENT ON COLUMN "applications"."term_months" IS 'term applied for; null where revolving; unit: months; tags: plain';
COMMENT ON COLUMN "applications"."purpose" IS 'declared purpose; tags: plain';
COMMENT ON COLUMN "applications"."submitted_at" IS 'instant of submission (UTC); as_of of every application model; for precision ''day'', a moment that stands for that local day; tags: plain';
COMMENT ON COLUMN "applications"."event_precision" IS 'whether the time of day of the submission is known; tags: plain';
COMMENT ON COLUMN "applications"."outcome" IS 'how it ended; tags: plain';
COMMENT ON COLUMN "applications"."decided_at" IS 'instant of the decision (UTC); tags: plain';
COMMENT ON COLUMN "applications"."decision_source" IS 'what decided; tags: plain';
COMMENT ON COLUMN "applications"."override_reason" IS 'why a person overrode the policy; tags: plain';
COMMENT ON COLUMN "applications"."offered_amount" IS 'amount offered; unit: minor units; tags: money';
COMMENT ON COLUMN "applications"."offered_rate" IS 'rate offered; unit: 1/year; tags: plain';
COMMENT ON COLUMN "applications"."taken_up" IS 'whether the offer was taken; tags: plain';
COMMENT ON COLUMN "applications"."account_id" IS 'account it became; refers to accounts.account_id; tags: key';
COMMENT ON COLUMN "applications"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "applications"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "applications"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "applications"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "applications"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "applications"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "application_parties" (
    "application_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "customer_id" TEXT,
    "declared_income" BIGINT,
    "housing_cost" BIGINT,
    "outgoings" BIGINT,
    "employment" TEXT,
    "employed_months" BIGINT,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("application_id", "seq", "known_time"),
    CHECK ("seq" >= 1),
    CHECK ("seq" <= 99),
    CHECK ("declared_income" >= 0),
    CHECK ("housing_cost" >= 0),
    CHECK ("outgoings" >= 0),
    CHECK ("employed_months" >= 0),
    CHECK ("employed_months" <= 1200)
);
COMMENT ON TABLE "application_parties" IS 'one applicant of an application and what they declared in it';
COMMENT ON COLUMN "application_parties"."application_id" IS 'the application; refers to applications.application_id; tags: key';
COMMENT ON COLUMN "application_parties"."seq" IS '1 for the first applicant; tags: key';
COMMENT ON COLUMN "application_parties"."customer_id" IS 'the applicant as the source names them; null where not yet a customer; refers to customers.customer_id; tags: key';
COMMENT ON COLUMN "application_parties"."declared_income" IS 'declared net monthly income; unit: minor units a month; tags: money';
COMMENT ON COLUMN "application_parties"."housing_cost" IS 'declared rent or mortgage payment; unit: minor units a month; tags: money';
COMMENT ON COLUMN "application_parties"."outgoings" IS 'declared other commitments; unit: minor units a month; tags: money';
COMMENT ON COLUMN "application_parties"."employment" IS 'declared employment; tags: plain';
COMMENT ON COLUMN "application_parties"."employed_months" IS 'declared months in that employment; unit: months; tags: plain';
COMMENT ON COLUMN "application_parties"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "application_parties"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "application_parties"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "application_parties"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "application_parties"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "application_parties"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "application_facts" (
    "application_id" TEXT NOT NULL,
    "fact" TEXT NOT NULL,
    "value" TEXT,
    "number" DOUBLE PRECISION,
    "origin" TEXT NOT NULL,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("application_id", "fact", "known_time"),
    CHECK ("origin" IN ('declared', 'verified', 'bureau', 'supplied'))
);
COMMENT ON TABLE "application_facts" IS 'one further column that a source supplies about an application';
COMMENT ON COLUMN "application_facts"."application_id" IS 'the application; refers to applications.application_id; tags: key';
COMMENT ON COLUMN "application_facts"."fact" IS 'name of the fact; tags: key';
COMMENT ON COLUMN "application_facts"."value" IS 'the value as text; tags: plain';
COMMENT ON COLUMN "application_facts"."number" IS 'the value as a number, where it is one; tags: plain';
COMMENT ON COLUMN "application_facts"."origin" IS 'how it came to be known; tags: plain';
COMMENT ON COLUMN "application_facts"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "application_facts"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "application_facts"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "application_facts"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "application_facts"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "application_facts"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "bureau_reports" (
    "report_id" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "pulled_at" TIMESTAMP NOT NULL,
    "score" BIGINT,
    "version" TEXT NOT NULL,
    "searches_6m" BIGINT,
    "external_debt" BIGINT,
    "worst_status" BIGINT,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("report_id", "known_time"),
    CHECK ("score" >= 0),
    CHECK ("score" <= 1000),
    CHECK ("searches_6m" >= 0),
    CHECK ("searches_6m" <= 1000),
    CHECK ("external_debt" >= 0),
    CHECK ("worst_status" >= 0),
    CHECK ("worst_status" <= 9)
);
COMMENT ON TABLE "bureau_reports" IS 'one report of a credit bureau, pulled at an application or for a customer';
COMMENT ON COLUMN "bureau_reports"."report_id" IS 'the report; tags: key';
COMMENT ON COLUMN "bureau_reports"."subject" IS 'application id or customer id it is about; tags: key';
COMMENT ON COLUMN "bureau_reports"."pulled_at" IS 'instant it was pulled (UTC); tags: plain';
COMMENT ON COLUMN "bureau_reports"."score" IS 'bureau score; higher is better; null for no file; unit: points; tags: plain';
COMMENT ON COLUMN "bureau_reports"."version" IS 'version of the bureau''s model; tags: plain';
COMMENT ON COLUMN "bureau_reports"."searches_6m" IS 'credit searches in six months; unit: count; tags: plain';
COMMENT ON COLUMN "bureau_reports"."external_debt" IS 'unsecured debt elsewhere; unit: minor units; tags: money';
COMMENT ON COLUMN "bureau_reports"."worst_status" IS 'worst months in arrears elsewhere in 24 months; unit: months; tags: plain';
COMMENT ON COLUMN "bureau_reports"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "bureau_reports"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "bureau_reports"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "bureau_reports"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "bureau_reports"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "bureau_reports"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "identifier_tokens" (
    "subject" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("subject", "kind", "token", "valid_from", "known_time"),
    CHECK ("kind" IN ('device', 'address', 'phone', 'email', 'payer'))
);
COMMENT ON TABLE "identifier_tokens" IS 'a keyed hash of an identifier that a customer or application used from valid_from on; for ring features';
COMMENT ON COLUMN "identifier_tokens"."subject" IS 'customer id or application id; tags: key';
COMMENT ON COLUMN "identifier_tokens"."kind" IS 'what the token stands for; tags: key';
COMMENT ON COLUMN "identifier_tokens"."token" IS 'keyed hash; only equality means anything; tags: key, token';
COMMENT ON COLUMN "identifier_tokens"."valid_from" IS 'first local day of use; tags: key';
COMMENT ON COLUMN "identifier_tokens"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "identifier_tokens"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "identifier_tokens"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "identifier_tokens"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "identifier_tokens"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "identifier_tokens"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "fraud_cases" (
    "case_id" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "opened_at" TIMESTAMP NOT NULL,
    "closed_at" TIMESTAMP,
    "outcome" TEXT,
    "loss" BIGINT,
    "recovered" BIGINT,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("case_id", "known_time"),
    CHECK ("kind" IN ('application', 'card', 'first_payment_default')),
    CHECK ("outcome" IN ('confirmed', 'cleared')),
    CHECK ("loss" >= 0),
    CHECK ("recovered" >= 0)
);
COMMENT ON TABLE "fraud_cases" IS 'one suspicion of fraud: opened, perhaps closed with an outcome; what was never opened is unknown, not clean';
COMMENT ON COLUMN "fraud_cases"."case_id" IS 'the case; tags: key';
COMMENT ON COLUMN "fraud_cases"."subject" IS 'id of the application, transaction or account it is about; tags: key';
COMMENT ON COLUMN "fraud_cases"."kind" IS 'what it is about; tags: plain';
COMMENT ON COLUMN "fraud_cases"."opened_at" IS 'instant it was opened (UTC); tags: plain';
COMMENT ON COLUMN "fraud_cases"."closed_at" IS 'instant it was closed (UTC); tags: plain';
COMMENT ON COLUMN "fraud_cases"."outcome" IS 'how it ended; tags: plain';
COMMENT ON COLUMN "fraud_cases"."loss" IS 'gross loss; unit: minor units; tags: money';
COMMENT ON COLUMN "fraud_cases"."recovered" IS 'recovered of it; unit: minor units; tags: money';
COMMENT ON COLUMN "fraud_cases"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "fraud_cases"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "fraud_cases"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "fraud_cases"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "fraud_cases"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "fraud_cases"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "interactions" (
    "interaction_id" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "at" TIMESTAMP NOT NULL,
    "channel" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "topic" TEXT,
    "product_id" TEXT,
    "campaign_id" TEXT,
    "arm" TEXT,
    "response" BOOLEAN,
    "source_system" TEXT NOT NULL,
    "batch_id" TEXT NOT NULL,
    "source_file_hash" TEXT NOT NULL,
    "source_line" BIGINT NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "superseded_time" TIMESTAMP,
    PRIMARY KEY ("interaction_id", "known_time"),
    CHECK ("channel" IN ('pos', 'online', 'atm', 'branch', 'phone', 'mobile', 'email', 'system', 'unknown')),
    CHECK ("kind" IN ('visit', 'call', 'view', 'click', 'offer', 'answer')),
    CHECK ("arm" IN ('treated', 'held_out'))
);
COMMENT ON TABLE "interactions" IS 'one contact between a customer and the bank, an offer''s arm and answer included';
COMMENT ON COLUMN "interactions"."interaction_id" IS 'the interaction; tags: key';
COMMENT ON COLUMN "interactions"."customer_id" IS 'the customer, as the source names them; refers to customers.customer_id; tags: key';
COMMENT ON COLUMN "interactions"."at" IS 'instant (UTC); tags: plain';
COMMENT ON COLUMN "interactions"."channel" IS 'where; tags: plain';
COMMENT ON COLUMN "interactions"."kind" IS 'what; tags: plain';
COMMENT ON COLUMN "interactions"."topic" IS 'what about; tags: plain';
COMMENT ON COLUMN "interactions"."product_id" IS 'product concerned; refers to products.product_id; tags: key';
COMMENT ON COLUMN "interactions"."campaign_id" IS 'campaign; tags: key';
COMMENT ON COLUMN "interactions"."arm" IS 'arm of a randomised offer; tags: plain';
COMMENT ON COLUMN "interactions"."response" IS 'whether the product was taken up; tags: plain';
COMMENT ON COLUMN "interactions"."source_system" IS 'name of the source that delivered the row; tags: provenance';
COMMENT ON COLUMN "interactions"."batch_id" IS 'the load that brought the row; tags: provenance';
COMMENT ON COLUMN "interactions"."source_file_hash" IS 'SHA-256 of the delivered file, first 16 hex digits; tags: provenance';
COMMENT ON COLUMN "interactions"."source_line" IS 'line in that file, from 1, header included; tags: provenance';
COMMENT ON COLUMN "interactions"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "interactions"."superseded_time" IS 'when a correction replaced the row (UTC); null while it stands; tags: provenance';

CREATE TABLE "dim_date" (
    "date" DATE NOT NULL,
    "year" BIGINT NOT NULL,
    "quarter" BIGINT NOT NULL,
    "month" BIGINT NOT NULL,
    "day" BIGINT NOT NULL,
    "iso_year" BIGINT NOT NULL,
    "iso_week" BIGINT NOT NULL,
    "weekday" BIGINT NOT NULL,
    "month_end" BOOLEAN NOT NULL,
    "uk_bank_holiday" TEXT,
    "uk_working_day" BOOLEAN NOT NULL,
    PRIMARY KEY ("date"),
    CHECK ("quarter" >= 1),
    CHECK ("quarter" <= 4),
    CHECK ("month" >= 1),
    CHECK ("month" <= 12),
    CHECK ("day" >= 1),
    CHECK ("day" <= 31),
    CHECK ("iso_week" >= 1),
    CHECK ("iso_week" <= 53),
    CHECK ("weekday" >= 1),
    CHECK ("weekday" <= 7)
);
COMMENT ON TABLE "dim_date" IS 'one local day; whole years, without a gap';
COMMENT ON COLUMN "dim_date"."date" IS 'the day; tags: key';
COMMENT ON COLUMN "dim_date"."year" IS 'calendar year; tags: plain';
COMMENT ON COLUMN "dim_date"."quarter" IS 'quarter of the year, 1 to 4; tags: plain';
COMMENT ON COLUMN "dim_date"."month" IS 'month of the year, 1 to 12; tags: plain';
COMMENT ON COLUMN "dim_date"."day" IS 'day of the month; tags: plain';
COMMENT ON COLUMN "dim_date"."iso_year" IS 'year that the ISO 8601 week belongs to; tags: plain';
COMMENT ON COLUMN "dim_date"."iso_week" IS 'ISO 8601 week, 1 to 53; tags: plain';
COMMENT ON COLUMN "dim_date"."weekday" IS 'ISO 8601 weekday, 1 Monday to 7 Sunday; tags: plain';
COMMENT ON COLUMN "dim_date"."month_end" IS 'whether it is the last day of its month; tags: plain';
COMMENT ON COLUMN "dim_date"."uk_bank_holiday" IS 'name of the bank holiday of England and Wales; tags: plain';
COMMENT ON COLUMN "dim_date"."uk_working_day" IS 'whether it is neither weekend nor such a holiday; tags: plain';

CREATE TABLE "dim_customer" (
    "customer_key" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "valid_from" TIMESTAMP NOT NULL,
    "valid_to" TIMESTAMP,
    "is_current" BOOLEAN NOT NULL,
    "type" TEXT,
    "region" TEXT,
    "onboarded_on" DATE,
    "left_on" DATE,
    "leave_reason" TEXT,
    "sex" TEXT,
    "marital_status" TEXT,
    "birth_date" DATE,
    "deceased_on" DATE,
    "given_name" TEXT,
    "family_name" TEXT,
    "address_line" TEXT,
    "city" TEXT,
    "postcode" TEXT,
    "email" TEXT,
    "phone" TEXT,
    PRIMARY KEY ("customer_key"),
    CHECK ("type" IN ('person', 'company')),
    CHECK ("leave_reason" IN ('closed', 'switched', 'deceased', 'bank_closed')),
    CHECK ("sex" IN ('female', 'male', 'other', 'unknown')),
    CHECK ("marital_status" IN ('single', 'married', 'divorced', 'widowed', 'other', 'unknown'))
);
COMMENT ON TABLE "dim_customer" IS 'one of the versions of a customer: what the bank knew from valid_from to valid_to; is_current marks the last';
COMMENT ON COLUMN "dim_customer"."customer_key" IS 'the version: customer_id and the microsecond of valid_from; tags: key';
COMMENT ON COLUMN "dim_customer"."customer_id" IS 'the stable customer id, pseudonymous; tags: key';
COMMENT ON COLUMN "dim_customer"."valid_from" IS 'instant at which the bank came to know it (UTC); tags: plain';
COMMENT ON COLUMN "dim_customer"."valid_to" IS 'instant at which it came to know otherwise (UTC); tags: plain';
COMMENT ON COLUMN "dim_customer"."is_current" IS 'whether nothing known since says otherwise; tags: plain';
COMMENT ON COLUMN "dim_customer"."type" IS 'person or company; tags: plain';
COMMENT ON COLUMN "dim_customer"."region" IS 'region of residence; tags: plain';
COMMENT ON COLUMN "dim_customer"."onboarded_on" IS 'local day the relationship began, of the earliest record; tags: plain';
COMMENT ON COLUMN "dim_customer"."left_on" IS 'local day the relationship ended, once every record has left; tags: plain';
COMMENT ON COLUMN "dim_customer"."leave_reason" IS 'why it ended; tags: plain';
COMMENT ON COLUMN "dim_customer"."sex" IS 'sex as recorded; tags: protected';
COMMENT ON COLUMN "dim_customer"."marital_status" IS 'marital status as recorded; tags: protected';
COMMENT ON COLUMN "dim_customer"."birth_date" IS 'date of birth; tags: pii, protected';
COMMENT ON COLUMN "dim_customer"."deceased_on" IS 'local day of death; tags: pii';
COMMENT ON COLUMN "dim_customer"."given_name" IS 'given name; of the current row only; tags: pii';
COMMENT ON COLUMN "dim_customer"."family_name" IS 'family name; of the current row only; tags: pii';
COMMENT ON COLUMN "dim_customer"."address_line" IS 'street and number; of the current row only; tags: pii';
COMMENT ON COLUMN "dim_customer"."city" IS 'town; of the current row only; tags: pii';
COMMENT ON COLUMN "dim_customer"."postcode" IS 'postcode; of the current row only; tags: pii';
COMMENT ON COLUMN "dim_customer"."email" IS 'e-mail address; of the current row only; tags: pii';
COMMENT ON COLUMN "dim_customer"."phone" IS 'telephone number; of the current row only; tags: pii';

CREATE TABLE "dim_account" (
    "account_id" TEXT NOT NULL,
    "product_id" TEXT,
    "product" TEXT,
    "family" TEXT,
    "line" TEXT,
    "currency" TEXT,
    "opened_on" DATE,
    "closed_on" DATE,
    "close_reason" TEXT,
    "branch" TEXT,
    "credit_limit" BIGINT,
    "rate" DOUBLE PRECISION,
    "owner_customer_key" TEXT,
    "holders" BIGINT NOT NULL,
    PRIMARY KEY ("account_id"),
    FOREIGN KEY ("owner_customer_key") REFERENCES "dim_customer" ("customer_key"),
    CHECK ("family" IN ('deposits', 'lending', 'protection', 'wealth')),
    CHECK ("line" IN ('current_account', 'savings', 'credit_card', 'personal_loan', 'mortgage', 'insurance', 'investment')),
    CHECK ("close_reason" IN ('good_standing', 'switched', 'charged_off', 'fraud', 'deceased')),
    CHECK ("holders" >= 0)
);
COMMENT ON TABLE "dim_account" IS 'one account as last known; who holds it together is in bridge_account_holder';
COMMENT ON COLUMN "dim_account"."account_id" IS 'the account; exports have a pseudonym for an IBAN or the number of a card; tags: key';
COMMENT ON COLUMN "dim_account"."product_id" IS 'its product; tags: key';
COMMENT ON COLUMN "dim_account"."product" IS 'plain name of the product; tags: plain';
COMMENT ON COLUMN "dim_account"."family" IS 'top of the product tree; tags: plain';
COMMENT ON COLUMN "dim_account"."line" IS 'product line; tags: plain';
COMMENT ON COLUMN "dim_account"."currency" IS 'ISO 4217 code; tags: plain';
COMMENT ON COLUMN "dim_account"."opened_on" IS 'local day of opening; tags: plain';
COMMENT ON COLUMN "dim_account"."closed_on" IS 'local day of closing; tags: plain';
COMMENT ON COLUMN "dim_account"."close_reason" IS 'why it closed; tags: plain';
COMMENT ON COLUMN "dim_account"."branch" IS 'branch code; tags: plain';
COMMENT ON COLUMN "dim_account"."credit_limit" IS 'credit or overdraft limit in force; unit: minor units; tags: money';
COMMENT ON COLUMN "dim_account"."rate" IS 'client rate in force; unit: 1/year; tags: plain';
COMMENT ON COLUMN "dim_account"."owner_customer_key" IS 'who owns it, first of several: current version of the customer, as dim_customer has it; refers to dim_customer.customer_key; tags: key';
COMMENT ON COLUMN "dim_account"."holders" IS 'owners and joint holders today; 2 or more is a joint account; unit: count; tags: plain';

CREATE TABLE "bridge_account_holder" (
    "account_id" TEXT NOT NULL,
    "customer_key" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,
    "liability_share" DOUBLE PRECISION NOT NULL,
    PRIMARY KEY ("account_id", "customer_key", "role", "valid_from"),
    FOREIGN KEY ("account_id") REFERENCES "dim_account" ("account_id"),
    FOREIGN KEY ("customer_key") REFERENCES "dim_customer" ("customer_key"),
    CHECK ("role" IN ('owner', 'joint_holder', 'authorised', 'guarantor'))
);
COMMENT ON TABLE "bridge_account_holder" IS 'a customer has a role in an account from valid_from on, as last known; a joint account has several rows';
COMMENT ON COLUMN "bridge_account_holder"."account_id" IS 'the account; refers to dim_account.account_id; tags: key';
COMMENT ON COLUMN "bridge_account_holder"."customer_key" IS 'the customer: current version of the customer, as dim_customer has it; refers to dim_customer.customer_key; tags: key';
COMMENT ON COLUMN "bridge_account_holder"."role" IS 'the part; tags: key';
COMMENT ON COLUMN "bridge_account_holder"."valid_from" IS 'first local day of the role; tags: key';
COMMENT ON COLUMN "bridge_account_holder"."valid_to" IS 'day after its last day; tags: plain';
COMMENT ON COLUMN "bridge_account_holder"."liability_share" IS 'share of value; each obligor owes the whole debt; unit: 1; tags: plain';

CREATE TABLE "dim_merchant" (
    "merchant_id" TEXT NOT NULL,
    "name" TEXT,
    "mcc" BIGINT,
    "category" TEXT,
    "country" TEXT,
    "category_version" TEXT,
    PRIMARY KEY ("merchant_id"),
    CHECK ("category" IN ('groceries', 'utilities', 'rent', 'telecom', 'transport', 'fuel', 'health', 'education', 'insurance_premium', 'tax', 'restaurants', 'leisure', 'shopping', 'electronics', 'travel', 'gambling', 'subscriptions', 'cash', 'salary', 'benefits', 'pension', 'other_income', 'loan_repayment', 'loan_disbursement', 'card_repayment', 'own_transfer', 'other_transfer', 'fee', 'interest', 'returned_payment', 'unknown'))
);
COMMENT ON TABLE "dim_merchant" IS 'one merchant as last known';
COMMENT ON COLUMN "dim_merchant"."merchant_id" IS 'the merchant; tags: key';
COMMENT ON COLUMN "dim_merchant"."name" IS 'trading name; tags: plain';
COMMENT ON COLUMN "dim_merchant"."mcc" IS 'ISO 18245 merchant category code; tags: plain';
COMMENT ON COLUMN "dim_merchant"."category" IS 'category of most of its transactions; without any, of most of its MCC''s; tags: plain';
COMMENT ON COLUMN "dim_merchant"."country" IS 'ISO 3166 alpha-2 code; where not delivered, that of most of its transactions; tags: plain';
COMMENT ON COLUMN "dim_merchant"."category_version" IS 'the source''s edition of merchant codes; tags: plain';

CREATE TABLE "fact_transactions" (
    "transaction_id" TEXT NOT NULL,
    "date" DATE NOT NULL,
    "event_time" TIMESTAMP NOT NULL,
    "event_precision" TEXT NOT NULL,
    "booked_on" DATE NOT NULL,
    "known_time" TIMESTAMP NOT NULL,
    "customer_key" TEXT,
    "customer_id" TEXT,
    "account_id" TEXT NOT NULL,
    "merchant_id" TEXT,
    "amount" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "original_amount" BIGINT,
    "original_currency" TEXT,
    "channel" TEXT NOT NULL,
    "scheme" TEXT NOT NULL,
    "category" TEXT NOT NULL,
    "country" TEXT NOT NULL,
    "reverses_id" TEXT,
    "fraud" TEXT,
    "raw_text" TEXT,
    PRIMARY KEY ("transaction_id"),
    FOREIGN KEY ("date") REFERENCES "dim_date" ("date"),
    FOREIGN KEY ("customer_key") REFERENCES "dim_customer" ("customer_key"),
    FOREIGN KEY ("account_id") REFERENCES "dim_account" ("account_id"),
    FOREIGN KEY ("merchant_id") REFERENCES "dim_merchant" ("merchant_id"),
    CHECK ("event_precision" IN ('second', 'day')),
    CHECK ("channel" IN ('pos', 'online', 'atm', 'branch', 'phone', 'mobile', 'email', 'system', 'unknown')),
    CHECK ("scheme" IN ('card', 'direct_debit', 'standing_order', 'transfer', 'cash', 'fee', 'interest', 'unknown')),
    CHECK ("category" IN ('groceries', 'utilities', 'rent', 'telecom', 'transport', 'fuel', 'health', 'education', 'insurance_premium', 'tax', 'restaurants', 'leisure', 'shopping', 'electronics', 'travel', 'gambling', 'subscriptions', 'cash', 'salary', 'benefits', 'pension', 'other_income', 'loan_repayment', 'loan_disbursement', 'card_repayment', 'own_transfer', 'other_transfer', 'fee', 'interest', 'returned_payment', 'unknown'))
);
COMMENT ON TABLE "fact_transactions" IS 'one booked movement on an account; positive amounts come in';
COMMENT ON COLUMN "fact_transactions"."transaction_id" IS 'the transaction; tags: key';
COMMENT ON COLUMN "fact_transactions"."date" IS 'local day it happened; refers to dim_date.date; tags: key';
COMMENT ON COLUMN "fact_transactions"."event_time" IS 'instant it happened (UTC); of precision ''day'', local midnight; tags: plain';
COMMENT ON COLUMN "fact_transactions"."event_precision" IS 'whether the time of day is known; tags: plain';
COMMENT ON COLUMN "fact_transactions"."booked_on" IS 'local day of booking; tags: plain';
COMMENT ON COLUMN "fact_transactions"."known_time" IS 'when the bank could first have used the row (UTC); tags: provenance';
COMMENT ON COLUMN "fact_transactions"."customer_key" IS 'who acted, else who owned the account that day: version of the customer, as dim_customer has it, as known when row and owner were; refers to dim_customer.customer_key; tags: key';
COMMENT ON COLUMN "fact_transactions"."customer_id" IS 'the same customer, whatever the version; tags: key';
COMMENT ON COLUMN "fact_transactions"."account_id" IS 'the account; refers to dim_account.account_id; tags: key';
COMMENT ON COLUMN "fact_transactions"."merchant_id" IS 'the merchant; refers to dim_merchant.merchant_id; tags: key';
COMMENT ON COLUMN "fact_transactions"."amount" IS 'signed amount in the account''s currency; unit: minor units; tags: money';
COMMENT ON COLUMN "fact_transactions"."currency" IS 'ISO 4217 code of the account; tags: plain';
COMMENT ON COLUMN "fact_transactions"."original_amount" IS 'signed amount in the original currency; unit: minor units; tags: money';
COMMENT ON COLUMN "fact_transactions"."original_currency" IS 'ISO 4217 code of the original; tags: plain';
COMMENT ON COLUMN "fact_transactions"."channel" IS 'where it took place; tags: plain';
COMMENT ON COLUMN "fact_transactions"."scheme" IS 'how money moved; tags: plain';
COMMENT ON COLUMN "fact_transactions"."category" IS 'what it was for; tags: plain';
COMMENT ON COLUMN "fact_transactions"."country" IS 'ISO 3166 alpha-2 code of where it took place; tags: plain';
COMMENT ON COLUMN "fact_transactions"."reverses_id" IS 'transaction that this one reverses or returns; tags: key';
COMMENT ON COLUMN "fact_transactions"."fraud" IS 'confirmed, cleared, or open while a case is; null: never suspected, not clean; tags: plain';
COMMENT ON COLUMN "fact_transactions"."raw_text" IS 'statement text as received; tags: pii';

CREATE TABLE "risk_alerts" (
    "customer_key" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "rule" TEXT NOT NULL,
    "found_at" TIMESTAMP NOT NULL,
    "severity" TEXT NOT NULL,
    "evidence" TEXT NOT NULL,
    PRIMARY KEY ("customer_key", "rule"),
    FOREIGN KEY ("customer_key") REFERENCES "dim_customer" ("customer_key"),
    CHECK ("severity" IN ('high', 'medium', 'low'))
);
COMMENT ON TABLE "risk_alerts" IS 'an alert rule found something about a customer';
COMMENT ON COLUMN "risk_alerts"."customer_key" IS 'the customer: current version of the customer, as dim_customer has it; refers to dim_customer.customer_key; tags: key';
COMMENT ON COLUMN "risk_alerts"."customer_id" IS 'the same customer, whatever the version; tags: key';
COMMENT ON COLUMN "risk_alerts"."rule" IS 'what was looked for; tags: key';
COMMENT ON COLUMN "risk_alerts"."found_at" IS 'instant as of which it was found (UTC); tags: plain';
COMMENT ON COLUMN "risk_alerts"."severity" IS 'how soon somebody must look; tags: plain';
COMMENT ON COLUMN "risk_alerts"."evidence" IS 'what was found, in words; tags: plain';

CREATE TABLE "customer_features" (
    "customer_key" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "as_of" TIMESTAMP NOT NULL,
    "transactions_lifetime" DOUBLE PRECISION,
    "active_days_lifetime" DOUBLE PRECISION,
    "income_lifetime" DOUBLE PRECISION,
    "spend_lifetime" DOUBLE PRECISION,
    "essential_spend_lifetime" DOUBLE PRECISION,
    "discretionary_spend_lifetime" DOUBLE PRECISION,
    "discretionary_share_lifetime" DOUBLE PRECISION,
    "purchases_lifetime" DOUBLE PRECISION,
    "purchase_mean_lifetime" DOUBLE PRECISION,
    "purchase_std_lifetime" DOUBLE PRECISION,
    "purchase_max_lifetime" DOUBLE PRECISION,
    "spend_volatility_lifetime" DOUBLE PRECISION,
    "merchants_lifetime" DOUBLE PRECISION,
    "cash_lifetime" DOUBLE PRECISION,
    "atm_withdrawals_lifetime" DOUBLE PRECISION,
    "payments_lifetime" DOUBLE PRECISION,
    "atm_rate_lifetime" DOUBLE PRECISION,
    "online_purchases_lifetime" DOUBLE PRECISION,
    "online_rate_lifetime" DOUBLE PRECISION,
    "abroad_purchases_lifetime" DOUBLE PRECISION,
    "abroad_rate_lifetime" DOUBLE PRECISION,
    "abroad_spend_lifetime" DOUBLE PRECISION,
    "countries_lifetime" DOUBLE PRECISION,
    "night_purchases_lifetime" DOUBLE PRECISION,
    "timed_purchases_lifetime" DOUBLE PRECISION,
    "night_rate_lifetime" DOUBLE PRECISION,
    "days_since_first_transaction" DOUBLE PRECISION,
    "spend_per_month" DOUBLE PRECISION,
    PRIMARY KEY ("customer_id", "as_of"),
    FOREIGN KEY ("customer_key") REFERENCES "dim_customer" ("customer_key")
);
COMMENT ON TABLE "customer_features" IS 'the behaviour of a customer over their lifetime, as of one instant';
COMMENT ON COLUMN "customer_features"."customer_key" IS 'version of the customer known at as_of, as dim_customer has it; refers to dim_customer.customer_key; tags: key';
COMMENT ON COLUMN "customer_features"."customer_id" IS 'the same customer, whatever the version; tags: key';
COMMENT ON COLUMN "customer_features"."as_of" IS 'instant described (UTC): only what was known before it counts; tags: key';
COMMENT ON COLUMN "customer_features"."transactions_lifetime" IS 'transactions other than fees and interest ever; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_features"."active_days_lifetime" IS 'days with such a transaction ever; null: no value; unit: days; tags: plain';
COMMENT ON COLUMN "customer_features"."income_lifetime" IS 'income, net of reversals, ever; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_features"."spend_lifetime" IS 'spent on goods and services, net of refunds, ever; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_features"."essential_spend_lifetime" IS 'spent on essentials, net of refunds, ever; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_features"."discretionary_spend_lifetime" IS 'spent on what is not essential, net of refunds, ever; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_features"."discretionary_share_lifetime" IS 'what is not essential as a share of spending ever; null: no value; unit: 1; tags: plain';
COMMENT ON COLUMN "customer_features"."purchases_lifetime" IS 'purchases ever; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_features"."purchase_mean_lifetime" IS 'average purchase ever; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_features"."purchase_std_lifetime" IS 'standard deviation of purchases ever; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_features"."purchase_max_lifetime" IS 'largest purchase ever; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_features"."spend_volatility_lifetime" IS 'standard deviation of purchases over their average ever; null: no value; unit: 1; tags: plain';
COMMENT ON COLUMN "customer_features"."merchants_lifetime" IS 'different merchants ever; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_features"."cash_lifetime" IS 'cash taken out, net of reversals, ever; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_features"."atm_withdrawals_lifetime" IS 'withdrawals at machines ever; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_features"."payments_lifetime" IS 'payments out, cash among them, ever; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_features"."atm_rate_lifetime" IS 'withdrawals at machines as a share of payments out ever; null: no value; unit: 1; tags: plain';
COMMENT ON COLUMN "customer_features"."online_purchases_lifetime" IS 'purchases online or by app ever; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_features"."online_rate_lifetime" IS 'purchases online or by app as a share of all ever; null: no value; unit: 1; tags: plain';
COMMENT ON COLUMN "customer_features"."abroad_purchases_lifetime" IS 'purchases abroad ever; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_features"."abroad_rate_lifetime" IS 'purchases abroad as a share of all ever; null: no value; unit: 1; tags: plain';
COMMENT ON COLUMN "customer_features"."abroad_spend_lifetime" IS 'spent abroad, net of refunds, ever; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_features"."countries_lifetime" IS 'countries of purchases, home too, ever; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_features"."night_purchases_lifetime" IS 'purchases from 23:00 to 05:00 in the bank''s zone, ever; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_features"."timed_purchases_lifetime" IS 'purchases whose hour is known ever; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_features"."night_rate_lifetime" IS 'purchases from 23:00 to 05:00 in the bank''s zone as a share of those whose hour is known, ever; null: no value; unit: 1; tags: plain';
COMMENT ON COLUMN "customer_features"."days_since_first_transaction" IS 'days since the first transaction other than fees and interest; null: no value; unit: days; tags: plain';
COMMENT ON COLUMN "customer_features"."spend_per_month" IS 'spent in an average month since the first transaction; null: no value; unit: minor units a month; tags: plain';

CREATE TABLE "customer_monthly_features" (
    "customer_key" TEXT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "month" DATE NOT NULL,
    "as_of" TIMESTAMP NOT NULL,
    "transactions_month" DOUBLE PRECISION,
    "active_days_month" DOUBLE PRECISION,
    "income_month" DOUBLE PRECISION,
    "spend_month" DOUBLE PRECISION,
    "essential_spend_month" DOUBLE PRECISION,
    "discretionary_spend_month" DOUBLE PRECISION,
    "discretionary_share_month" DOUBLE PRECISION,
    "purchases_month" DOUBLE PRECISION,
    "purchase_mean_month" DOUBLE PRECISION,
    "purchase_std_month" DOUBLE PRECISION,
    "purchase_max_month" DOUBLE PRECISION,
    "spend_volatility_month" DOUBLE PRECISION,
    "merchants_month" DOUBLE PRECISION,
    "cash_month" DOUBLE PRECISION,
    "atm_withdrawals_month" DOUBLE PRECISION,
    "payments_month" DOUBLE PRECISION,
    "atm_rate_month" DOUBLE PRECISION,
    "online_purchases_month" DOUBLE PRECISION,
    "online_rate_month" DOUBLE PRECISION,
    "abroad_purchases_month" DOUBLE PRECISION,
    "abroad_rate_month" DOUBLE PRECISION,
    "abroad_spend_month" DOUBLE PRECISION,
    "countries_month" DOUBLE PRECISION,
    "night_purchases_month" DOUBLE PRECISION,
    "timed_purchases_month" DOUBLE PRECISION,
    "night_rate_month" DOUBLE PRECISION,
    PRIMARY KEY ("customer_id", "month"),
    FOREIGN KEY ("customer_key") REFERENCES "dim_customer" ("customer_key")
);
COMMENT ON TABLE "customer_monthly_features" IS 'the behaviour of a customer in one calendar month, as known some days after its end';
COMMENT ON COLUMN "customer_monthly_features"."customer_key" IS 'version of the customer known at as_of, as dim_customer has it; refers to dim_customer.customer_key; tags: key';
COMMENT ON COLUMN "customer_monthly_features"."customer_id" IS 'the same customer, whatever the version; tags: key';
COMMENT ON COLUMN "customer_monthly_features"."month" IS 'first local day of the month; tags: key';
COMMENT ON COLUMN "customer_monthly_features"."as_of" IS 'instant described (UTC): only what was known before it counts; tags: key';
COMMENT ON COLUMN "customer_monthly_features"."transactions_month" IS 'transactions other than fees and interest in the calendar month before; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."active_days_month" IS 'days with such a transaction in the calendar month before; null: no value; unit: days; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."income_month" IS 'income, net of reversals, in the calendar month before; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."spend_month" IS 'spent on goods and services, net of refunds, in the calendar month before; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."essential_spend_month" IS 'spent on essentials, net of refunds, in the calendar month before; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."discretionary_spend_month" IS 'spent on what is not essential, net of refunds, in the calendar month before; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."discretionary_share_month" IS 'what is not essential as a share of spending in the calendar month before; null: no value; unit: 1; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."purchases_month" IS 'purchases in the calendar month before; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."purchase_mean_month" IS 'average purchase in the calendar month before; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."purchase_std_month" IS 'standard deviation of purchases in the calendar month before; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."purchase_max_month" IS 'largest purchase in the calendar month before; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."spend_volatility_month" IS 'standard deviation of purchases over their average in the calendar month before; null: no value; unit: 1; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."merchants_month" IS 'different merchants in the calendar month before; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."cash_month" IS 'cash taken out, net of reversals, in the calendar month before; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."atm_withdrawals_month" IS 'withdrawals at machines in the calendar month before; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."payments_month" IS 'payments out, cash among them, in the calendar month before; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."atm_rate_month" IS 'withdrawals at machines as a share of payments out in the calendar month before; null: no value; unit: 1; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."online_purchases_month" IS 'purchases online or by app in the calendar month before; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."online_rate_month" IS 'purchases online or by app as a share of all in the calendar month before; null: no value; unit: 1; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."abroad_purchases_month" IS 'purchases abroad in the calendar month before; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."abroad_rate_month" IS 'purchases abroad as a share of all in the calendar month before; null: no value; unit: 1; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."abroad_spend_month" IS 'spent abroad, net of refunds, in the calendar month before; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."countries_month" IS 'countries of purchases, home too, in the calendar month before; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."night_purchases_month" IS 'purchases from 23:00 to 05:00 in the bank''s zone, in the calendar month before; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."timed_purchases_month" IS 'purchases whose hour is known in the calendar month before; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "customer_monthly_features"."night_rate_month" IS 'purchases from 23:00 to 05:00 in the bank''s zone as a share of those whose hour is known, in the calendar month before; null: no value; unit: 1; tags: plain';

CREATE TABLE "merchant_features" (
    "merchant_id" TEXT NOT NULL,
    "as_of" TIMESTAMP NOT NULL,
    "merchant_payments_24h" DOUBLE PRECISION,
    "merchant_payments_7d" DOUBLE PRECISION,
    "merchant_payments_30d" DOUBLE PRECISION,
    "merchant_payers_30d" DOUBLE PRECISION,
    "merchant_paid_mean_30d" DOUBLE PRECISION,
    "merchant_paid_max_30d" DOUBLE PRECISION,
    "merchant_aged_payments_7d" DOUBLE PRECISION,
    "merchant_aged_payments_30d" DOUBLE PRECISION,
    "merchant_frauds_7d" DOUBLE PRECISION,
    "merchant_frauds_30d" DOUBLE PRECISION,
    "days_since_merchant_fraud" DOUBLE PRECISION,
    "merchant_fraud_rate_7d" DOUBLE PRECISION,
    "merchant_fraud_rate_30d" DOUBLE PRECISION,
    PRIMARY KEY ("merchant_id", "as_of"),
    FOREIGN KEY ("merchant_id") REFERENCES "dim_merchant" ("merchant_id")
);
COMMENT ON TABLE "merchant_features" IS 'what is paid by card at one merchant, and how much of it is known to be fraud, as of one instant';
COMMENT ON COLUMN "merchant_features"."merchant_id" IS 'the merchant; refers to dim_merchant.merchant_id; tags: key';
COMMENT ON COLUMN "merchant_features"."as_of" IS 'instant described (UTC): only what was known before it counts; tags: key';
COMMENT ON COLUMN "merchant_features"."merchant_payments_24h" IS 'payments at the merchant in 24 hours; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "merchant_features"."merchant_payments_7d" IS 'payments at the merchant in 7 days; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "merchant_features"."merchant_payments_30d" IS 'payments at the merchant in 30 days; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "merchant_features"."merchant_payers_30d" IS 'accounts that paid at the merchant in 30 days; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "merchant_features"."merchant_paid_mean_30d" IS 'average payment at the merchant in 30 days; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "merchant_features"."merchant_paid_max_30d" IS 'largest payment at the merchant in 30 days; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "merchant_features"."merchant_aged_payments_7d" IS 'payments at the merchant in the 7 days that ended 7 days before; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "merchant_features"."merchant_aged_payments_30d" IS 'payments at the merchant in the 30 days that ended 7 days before; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "merchant_features"."merchant_frauds_7d" IS 'payments at the merchant in the 7 days that ended 7 days before that are known to be fraud; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "merchant_features"."merchant_frauds_30d" IS 'payments at the merchant in the 30 days that ended 7 days before that are known to be fraud; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "merchant_features"."days_since_merchant_fraud" IS 'days since the latest payment at the merchant that is known to be fraud, within a year; null: no value; unit: days; tags: plain';
COMMENT ON COLUMN "merchant_features"."merchant_fraud_rate_7d" IS 'share of payments at the merchant in the 7 days that ended 7 days before that is known to be fraud; null: no value; unit: 1; tags: plain';
COMMENT ON COLUMN "merchant_features"."merchant_fraud_rate_30d" IS 'share of payments at the merchant in the 30 days that ended 7 days before that is known to be fraud; null: no value; unit: 1; tags: plain';

CREATE TABLE "terminal_features" (
    "terminal_id" TEXT NOT NULL,
    "as_of" TIMESTAMP NOT NULL,
    "terminal_payments_24h" DOUBLE PRECISION,
    "terminal_payments_7d" DOUBLE PRECISION,
    "terminal_payments_30d" DOUBLE PRECISION,
    "terminal_payers_30d" DOUBLE PRECISION,
    "terminal_paid_mean_30d" DOUBLE PRECISION,
    "terminal_paid_max_30d" DOUBLE PRECISION,
    "terminal_aged_payments_7d" DOUBLE PRECISION,
    "terminal_aged_payments_30d" DOUBLE PRECISION,
    "terminal_frauds_7d" DOUBLE PRECISION,
    "terminal_frauds_30d" DOUBLE PRECISION,
    "days_since_terminal_fraud" DOUBLE PRECISION,
    "terminal_fraud_rate_7d" DOUBLE PRECISION,
    "terminal_fraud_rate_30d" DOUBLE PRECISION,
    PRIMARY KEY ("terminal_id", "as_of")
);
COMMENT ON TABLE "terminal_features" IS 'what is paid by card at one terminal, and how much of it is known to be fraud, as of one instant';
COMMENT ON COLUMN "terminal_features"."terminal_id" IS 'the terminal; tags: key';
COMMENT ON COLUMN "terminal_features"."as_of" IS 'instant described (UTC): only what was known before it counts; tags: key';
COMMENT ON COLUMN "terminal_features"."terminal_payments_24h" IS 'payments at the terminal in 24 hours; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "terminal_features"."terminal_payments_7d" IS 'payments at the terminal in 7 days; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "terminal_features"."terminal_payments_30d" IS 'payments at the terminal in 30 days; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "terminal_features"."terminal_payers_30d" IS 'accounts that paid at the terminal in 30 days; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "terminal_features"."terminal_paid_mean_30d" IS 'average payment at the terminal in 30 days; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "terminal_features"."terminal_paid_max_30d" IS 'largest payment at the terminal in 30 days; null: no value; unit: minor units; tags: plain';
COMMENT ON COLUMN "terminal_features"."terminal_aged_payments_7d" IS 'payments at the terminal in the 7 days that ended 7 days before; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "terminal_features"."terminal_aged_payments_30d" IS 'payments at the terminal in the 30 days that ended 7 days before; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "terminal_features"."terminal_frauds_7d" IS 'payments at the terminal in the 7 days that ended 7 days before that are known to be fraud; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "terminal_features"."terminal_frauds_30d" IS 'payments at the terminal in the 30 days that ended 7 days before that are known to be fraud; null: no value; unit: count; tags: plain';
COMMENT ON COLUMN "terminal_features"."days_since_terminal_fraud" IS 'days since the latest payment at the terminal that is known to be fraud, within a year; null: no value; unit: days; tags: plain';
COMMENT ON COLUMN "terminal_features"."terminal_fraud_rate_7d" IS 'share of payments at the terminal in the 7 days that ended 7 days before that is known to be fraud; null: no value; unit: 1; tags: plain';
COMMENT ON COLUMN "terminal_features"."terminal_fraud_rate_30d" IS 'share of payments at the terminal in the 30 days that ended 7 days before that is known to be fraud; null: no value; unit: 1; tags: plain';
