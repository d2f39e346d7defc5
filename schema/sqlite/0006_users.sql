-- Users, their roles and permissions in Airflow's tables; sessions and tokens in tables of our own.

CREATE TABLE ab_user (
  id INTEGER PRIMARY KEY,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  username TEXT NOT NULL UNIQUE,
  password TEXT,
  active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
  email TEXT NOT NULL UNIQUE,
  last_login TEXT,
  login_count INTEGER NOT NULL DEFAULT 0,
  fail_login_count INTEGER NOT NULL DEFAULT 0,
  created_on TEXT,
  changed_on TEXT
) STRICT;

CREATE TABLE ab_role (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE ab_user_role (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL,
  role_id INTEGER NOT NULL,
  UNIQUE (user_id, role_id)
) STRICT;

-- An action: can_read, can_edit.
CREATE TABLE ab_permission (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- A resource: DAGs, DAG:example, Variables.
CREATE TABLE ab_view_menu (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE ab_permission_view (
  id INTEGER PRIMARY KEY,
  permission_id INTEGER NOT NULL,
  view_menu_id INTEGER NOT NULL,
  UNIQUE (permission_id, view_menu_id)
) STRICT;

CREATE TABLE ab_permission_view_role (
  id INTEGER PRIMARY KEY,
  permission_view_id INTEGER NOT NULL,
  role_id INTEGER NOT NULL,
  UNIQUE (permission_view_id, role_id)
) STRICT;
CREATE INDEX ab_permission_of_role ON ab_permission_view_role (role_id);

CREATE VIEW role_permission AS
SELECT r.role_id, p.name AS action, v.name AS resource
FROM ab_permission_view_role r
JOIN ab_permission_view pv ON pv.id = r.permission_view_id
JOIN ab_permission p ON p.id = pv.permission_id
JOIN ab_view_menu v ON v.id = pv.view_menu_id;

-- What the files of DAGs say in access_control. Airflow writes it into the tables above; here it is
-- kept apart, so that roles hold what people gave them and nothing else.
CREATE TABLE dag_access (
  role TEXT NOT NULL,
  dag_id TEXT NOT NULL,
  action TEXT NOT NULL,
  PRIMARY KEY (role, dag_id, action)
) STRICT, WITHOUT ROWID;
CREATE INDEX dag_access_of_dag ON dag_access (dag_id);

CREATE TABLE session (
  id_hash TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL,
  csrf_token TEXT NOT NULL,
  created TEXT NOT NULL,
  last_used TEXT NOT NULL,
  expires TEXT NOT NULL,
  address TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_of_user ON session (user_id);

CREATE TABLE api_token (
  id INTEGER PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  user_id INTEGER NOT NULL,
  scope TEXT NOT NULL,
  created TEXT NOT NULL,
  expires TEXT,
  last_used TEXT,
  UNIQUE (user_id, name)
) STRICT;

CREATE TRIGGER ab_user_deleted AFTER DELETE ON ab_user BEGIN
  DELETE FROM ab_user_role WHERE user_id = OLD.id;
  DELETE FROM session WHERE user_id = OLD.id;
  DELETE FROM api_token WHERE user_id = OLD.id;
END;
-- Whoever had the old password is signed out.
CREATE TRIGGER ab_user_password_changed AFTER UPDATE OF password ON ab_user
WHEN NEW.password IS NOT OLD.password
BEGIN
  DELETE FROM session WHERE user_id = OLD.id;
END;
CREATE TRIGGER ab_role_deleted AFTER DELETE ON ab_role BEGIN
  DELETE FROM ab_user_role WHERE role_id = OLD.id;
  DELETE FROM ab_permission_view_role WHERE role_id = OLD.id;
END;

CREATE TRIGGER serialized_dag_gives_access AFTER INSERT ON serialized_dag WHEN NEW.is_latest = 1
BEGIN
  DELETE FROM dag_access WHERE dag_id = NEW.dag_id;
  INSERT OR IGNORE INTO dag_access (role, dag_id, action)
    SELECT role.key, NEW.dag_id, action.value
    FROM json_each(NEW.data, '$.access_control') AS role, json_each(role.value) AS action
    WHERE instr(NEW.data, '"access_control"') > 0;
END;
CREATE TRIGGER serialized_dag_changes_access
AFTER UPDATE OF data, is_latest ON serialized_dag WHEN NEW.is_latest = 1
BEGIN
  DELETE FROM dag_access WHERE dag_id = NEW.dag_id;
  INSERT OR IGNORE INTO dag_access (role, dag_id, action)
    SELECT role.key, NEW.dag_id, action.value
    FROM json_each(NEW.data, '$.access_control') AS role, json_each(role.value) AS action
    WHERE instr(NEW.data, '"access_control"') > 0;
END;
CREATE TRIGGER dag_takes_access_along AFTER DELETE ON dag BEGIN
  DELETE FROM dag_access WHERE dag_id = OLD.dag_id;
END;

-- The roles of Airflow 2.9, each with what the ones before it may: 1 Viewer, 2 User, 3 Op, 4 Admin.
-- Public may nothing.
INSERT INTO ab_role (id, name) VALUES
  (1, 'Viewer'), (2, 'User'), (3, 'Op'), (4, 'Admin'), (5, 'Public');

CREATE TABLE default_permission (level INTEGER, action TEXT, resource TEXT);
INSERT INTO default_permission VALUES
  (1, 'can_read', 'Cluster Activity'),
  (1, 'can_read', 'DAG Code'),
  (1, 'can_read', 'DAG Dependencies'),
  (1, 'can_read', 'DAG Runs'),
  (1, 'can_read', 'DAG Warnings'),
  (1, 'can_read', 'DAGs'),
  (1, 'can_read', 'Datasets'),
  (1, 'can_read', 'ImportError'),
  (1, 'can_read', 'Jobs'),
  (1, 'can_read', 'My Password'),
  (1, 'can_edit', 'My Password'),
  (1, 'can_read', 'My Profile'),
  (1, 'can_edit', 'My Profile'),
  (1, 'can_read', 'Plugins'),
  (1, 'can_read', 'Pools'),
  (1, 'can_read', 'SLA Misses'),
  (1, 'can_read', 'Task Instances'),
  (1, 'can_read', 'Task Logs'),
  (1, 'can_read', 'Website'),
  (1, 'can_read', 'XComs'),
  (1, 'menu_access', 'Browse'),
  (1, 'menu_access', 'Cluster Activity'),
  (1, 'menu_access', 'DAG Dependencies'),
  (1, 'menu_access', 'DAG Runs'),
  (1, 'menu_access', 'DAGs'),
  (1, 'menu_access', 'Datasets'),
  (1, 'menu_access', 'Docs'),
  (1, 'menu_access', 'Documentation'),
  (1, 'menu_access', 'Jobs'),
  (1, 'menu_access', 'Plugins'),
  (1, 'menu_access', 'SLA Misses'),
  (1, 'menu_access', 'Task Instances'),
  (2, 'can_create', 'DAG Runs'),
  (2, 'can_edit', 'DAG Runs'),
  (2, 'can_delete', 'DAG Runs'),
  (2, 'can_edit', 'DAGs'),
  (2, 'can_delete', 'DAGs'),
  (2, 'can_create', 'Datasets'),
  (2, 'can_create', 'Task Instances'),
  (2, 'can_edit', 'Task Instances'),
  (2, 'can_delete', 'Task Instances'),
  (3, 'can_read', 'Configurations'),
  (3, 'can_create', 'Connections'),
  (3, 'can_read', 'Connections'),
  (3, 'can_edit', 'Connections'),
  (3, 'can_delete', 'Connections'),
  (3, 'can_delete', 'Datasets'),
  (3, 'can_create', 'Pools'),
  (3, 'can_edit', 'Pools'),
  (3, 'can_delete', 'Pools'),
  (3, 'can_read', 'Providers'),
  (3, 'can_create', 'Variables'),
  (3, 'can_read', 'Variables'),
  (3, 'can_edit', 'Variables'),
  (3, 'can_delete', 'Variables'),
  (3, 'can_delete', 'XComs'),
  (3, 'menu_access', 'Admin'),
  (3, 'menu_access', 'Configurations'),
  (3, 'menu_access', 'Connections'),
  (3, 'menu_access', 'Pools'),
  (3, 'menu_access', 'Providers'),
  (3, 'menu_access', 'Variables'),
  (3, 'menu_access', 'XComs'),
  (4, 'can_read', 'Audit Logs'),
  (4, 'can_read', 'Passwords'),
  (4, 'can_edit', 'Passwords'),
  (4, 'can_read', 'Permissions'),
  (4, 'can_create', 'Roles'),
  (4, 'can_read', 'Roles'),
  (4, 'can_edit', 'Roles'),
  (4, 'can_delete', 'Roles'),
  (4, 'can_read', 'Task Reschedules'),
  (4, 'can_read', 'Triggers'),
  (4, 'can_create', 'Users'),
  (4, 'can_read', 'Users'),
  (4, 'can_edit', 'Users'),
  (4, 'can_delete', 'Users'),
  (4, 'menu_access', 'Audit Logs'),
  (4, 'menu_access', 'Permissions'),
  (4, 'menu_access', 'Roles'),
  (4, 'menu_access', 'Task Reschedules'),
  (4, 'menu_access', 'Triggers'),
  (4, 'menu_access', 'Users');

INSERT INTO ab_permission (name) SELECT DISTINCT action FROM default_permission;
INSERT INTO ab_view_menu (name) SELECT DISTINCT resource FROM default_permission;
INSERT INTO ab_permission_view (permission_id, view_menu_id)
  SELECT p.id, v.id FROM default_permission d
  JOIN ab_permission p ON p.name = d.action JOIN ab_view_menu v ON v.name = d.resource;
INSERT INTO ab_permission_view_role (permission_view_id, role_id)
  SELECT pv.id, r.id FROM default_permission d
  JOIN ab_permission p ON p.name = d.action JOIN ab_view_menu v ON v.name = d.resource
  JOIN ab_permission_view pv ON pv.permission_id = p.id AND pv.view_menu_id = v.id
  JOIN ab_role r ON r.id BETWEEN d.level AND 4;
DROP TABLE default_permission;
