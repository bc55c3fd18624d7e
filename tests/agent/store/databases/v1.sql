-- a database of the first release; made once, never changed
BEGIN TRANSACTION;
CREATE TABLE counts (name TEXT PRIMARY KEY, total INTEGER NOT NULL);
INSERT INTO "counts" VALUES('outbox',1);
INSERT INTO "counts" VALUES('quarantine',1);
CREATE TABLE ledger (seq INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL);
INSERT INTO "ledger" VALUES(1,X'646967657374');
CREATE TABLE outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, topic TEXT NOT NULL, body BLOB NOT NULL, readings INTEGER NOT NULL
    );
INSERT INTO "outbox" VALUES(1,'id1','readings/x',X'7B7D',2);
CREATE TABLE quarantine (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, received_at TEXT NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,
        size INTEGER NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL
    );
INSERT INTO "quarantine" VALUES(1,'m','2026-05-01T00:00:00+00:00','a/b',X'FF',1,'binary','no text');
CREATE TABLE settings (name TEXT PRIMARY KEY, body TEXT NOT NULL);
INSERT INTO "settings" VALUES('overrides','{"extract": {"threshold": 0.5}}');
CREATE TABLE templates (id TEXT PRIMARY KEY, model TEXT NOT NULL, body TEXT NOT NULL, changed INTEGER NOT NULL);
INSERT INTO "templates" VALUES('t_1','one','{"origin": "taught"}',1);
CREATE TRIGGER outbox_more AFTER INSERT ON outbox BEGIN UPDATE counts SET total = total + 1 WHERE name = 'outbox'; END;
CREATE TRIGGER outbox_less AFTER DELETE ON outbox BEGIN UPDATE counts SET total = total - 1 WHERE name = 'outbox'; END;
CREATE TRIGGER quarantine_more AFTER INSERT ON quarantine BEGIN UPDATE counts SET total = total + 1 WHERE name = 'quarantine'; END;
CREATE TRIGGER quarantine_less AFTER DELETE ON quarantine BEGIN UPDATE counts SET total = total - 1 WHERE name = 'quarantine'; END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('outbox',1);
INSERT INTO "sqlite_sequence" VALUES('quarantine',1);
INSERT INTO "sqlite_sequence" VALUES('ledger',1);
COMMIT;
PRAGMA user_version = 1;
