-- What an event is about, in its desk's words, when it is no batch: "inventory run 7", "series rides".
ALTER TABLE ops.events ADD COLUMN subject text;
CREATE INDEX events_subject_idx ON ops.events (subject, id DESC) WHERE subject IS NOT NULL;
