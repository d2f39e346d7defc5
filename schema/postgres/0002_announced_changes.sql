-- Commands that wait for the server listen to this, rather than to a replication slot of their own.
CREATE FUNCTION announce_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('beeflow', '');
  RETURN NULL;
END $$;
CREATE TRIGGER change_announced AFTER INSERT ON change_log
FOR EACH STATEMENT EXECUTE FUNCTION announce_change();
