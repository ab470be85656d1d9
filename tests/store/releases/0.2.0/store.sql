BEGIN TRANSACTION;
CREATE TABLE accepted_rosters (
	forum VARCHAR(255) NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	"end" DATE, 
	content JSON NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, cohort)
);
INSERT INTO "accepted_rosters" VALUES('127.0.0.1:4291','harbour','2027-05-28','{"sizes": {"2027-02-25": 2}, "people": {"2027-02-25": ["b8b99cb915a5 d64225266c32 ea77b5e98baf", "36d5fc7ecbf4 fb6d7e43d25b a94af4e850c2"]}, "lcms": [], "earlier_ends": {}, "strangers": {}, "under_way": false}','2027-02-25 12:00:00.000000');
INSERT INTO "accepted_rosters" VALUES('127.0.0.1:4290','spring','2027-03-25','{"sizes": {"2027-02-25": 10, "2027-02-26": 11, "2027-02-28": 12, "2027-03-05": 11, "2027-03-10": 11}, "people": {"2027-02-28": [], "2027-03-10": ["33fd5446ce1f 5f5f2daf4d37 b898ee9e746c", "10d5ec07c35c 6413c54e3068 a4a39abb76b3", "3106c53fedfa a69ef71cb8df 32dbbaa7fdb1", "d850889c62a8 aa7f7a60ffdb", "c393bb7d6135 b2a679ef104d f7f0423711d8", "1dda409059c3 c3704204fe1d 4147c7683259", "0f46c16ac51d e877aaad1754 786512e4a9ee", "acde15679389 0154a6b62b74 5cbf44e33faf", "a58d0cb8979f 56d2471b983b b5914efa920f", "36ba915c84f0 e8b7321f0f57 dc8ca3744c6f", "a03fad5ca25f 664738297091 e39341c407b7", "b06dba0f2920 13e1f7c1a95b a503aeac739c"]}, "lcms": ["10d5ec07c35c 6413c54e3068 a4a39abb76b3"], "earlier_ends": {}, "strangers": {}, "under_way": true}','2027-03-10 11:00:00.000000');
INSERT INTO "accepted_rosters" VALUES('127.0.0.1:4290','summer','2027-04-09','{"sizes": {"2027-02-25": 3, "2027-02-26": 3, "2027-02-28": 3, "2027-03-05": 3, "2027-03-10": 3}, "people": {"2027-03-10": ["10d5ec07c35c 6413c54e3068 a4a39abb76b3", "6ba1dad8192f 231b24a0d260 61f177361c7f", "9e6659396c57 4d490b6f0bf1 6b2fbc49d16d"]}, "lcms": ["10d5ec07c35c 6413c54e3068 a4a39abb76b3"], "earlier_ends": {}, "strangers": {}, "under_way": true}','2027-03-10 11:00:00.000000');
INSERT INTO "accepted_rosters" VALUES('127.0.0.1:4290','winter','2027-05-28','{"sizes": {"2027-02-25": 2, "2027-02-26": 2, "2027-02-28": 2, "2027-03-05": 2, "2027-03-10": 2}, "people": {"2027-03-10": ["10d5ec07c35c 6413c54e3068 a4a39abb76b3", "867c20919dc8 7bd007291062 f0c42a3be323"]}, "lcms": ["10d5ec07c35c 6413c54e3068 a4a39abb76b3"], "earlier_ends": {}, "strangers": {}, "under_way": true}','2027-03-10 11:00:00.000000');
CREATE TABLE activity_days (
	forum VARCHAR(255) NOT NULL, 
	category_id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	day DATE NOT NULL, 
	posts INTEGER NOT NULL, 
	replies_given INTEGER NOT NULL, 
	replies_received INTEGER NOT NULL, 
	answered INTEGER NOT NULL, 
	wait BIGINT NOT NULL, 
	likes_given INTEGER NOT NULL, 
	likes_received INTEGER NOT NULL, 
	last_at DATETIME, 
	last_post INTEGER, 
	PRIMARY KEY (forum, category_id, user_id, day)
);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,1,'2027-02-25',1,0,0,0,0,0,0,'2027-02-25 09:00:00.000000',23);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,1,'2027-03-01',3,0,1,1,0,0,0,'2027-03-01 09:00:00.000000',30);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,2,'2027-03-01',1,1,0,0,0,0,0,'2027-03-01 09:00:00.000000',34);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,1,'2027-03-02',1,0,0,0,0,0,0,'2027-03-02 09:00:00.000000',35);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',6,1,'2027-02-25',1,0,0,0,0,0,0,'2027-02-25 09:00:00.000000',24);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',6,1,'2027-03-01',2,0,0,0,0,0,0,'2027-03-01 09:00:00.000000',33);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,2,'2027-03-05',1,1,0,0,0,1,0,'2027-03-05 09:00:00.000000',42);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,3,'2027-03-05',1,0,2,1,0,0,1,'2027-03-05 09:00:00.000000',41);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,6,'2027-03-05',1,1,0,0,0,0,0,'2027-03-05 09:00:00.000000',43);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,3,'2027-03-08',1,1,0,0,0,1,0,'2027-03-08 08:00:00.000000',47);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,4,'2027-03-08',1,0,1,1,0,0,1,'2027-03-08 08:00:00.000000',46);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,1,'2027-03-09',1,0,0,0,0,0,0,'2027-03-09 09:00:00.000000',48);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,5,'2027-03-14',1,0,0,0,0,0,0,'2027-03-14 09:00:00.000000',55);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',7,1,'2027-02-25',1,0,0,0,0,0,0,'2027-02-25 09:00:00.000000',25);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,1,'2027-03-15',1,0,0,0,0,0,0,'2027-03-15 10:00:00.000000',56);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,2,'2027-03-15',2,1,1,1,0,0,1,'2027-03-15 13:00:00.000000',60);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,3,'2027-03-15',2,1,5,1,0,1,0,'2027-03-15 13:00:00.000000',59);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,4,'2027-03-15',1,1,0,0,0,0,0,'2027-03-15 13:00:00.000000',63);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,5,'2027-03-15',1,1,0,0,0,0,0,'2027-03-15 13:00:00.000000',61);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,6,'2027-03-15',1,1,0,0,0,0,0,'2027-03-15 13:00:00.000000',62);
INSERT INTO "activity_days" VALUES('127.0.0.1:4290',5,13,'2027-03-15',1,1,0,0,0,0,0,'2027-03-15 13:00:00.000000',64);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0029_trials');
CREATE TABLE answer_weeks (
	forum VARCHAR(255) NOT NULL, 
	category_id INTEGER NOT NULL, 
	week DATE NOT NULL, 
	by_user INTEGER NOT NULL, 
	to_user INTEGER NOT NULL, 
	replies INTEGER NOT NULL, 
	PRIMARY KEY (forum, category_id, week, by_user, to_user)
);
INSERT INTO "answer_weeks" VALUES('127.0.0.1:4290',5,'2027-03-01',2,1,1);
INSERT INTO "answer_weeks" VALUES('127.0.0.1:4290',5,'2027-03-01',2,3,1);
INSERT INTO "answer_weeks" VALUES('127.0.0.1:4290',5,'2027-03-01',6,3,1);
INSERT INTO "answer_weeks" VALUES('127.0.0.1:4290',5,'2027-03-08',3,4,1);
INSERT INTO "answer_weeks" VALUES('127.0.0.1:4290',5,'2027-03-15',2,3,1);
INSERT INTO "answer_weeks" VALUES('127.0.0.1:4290',5,'2027-03-15',3,2,1);
INSERT INTO "answer_weeks" VALUES('127.0.0.1:4290',5,'2027-03-15',4,3,1);
INSERT INTO "answer_weeks" VALUES('127.0.0.1:4290',5,'2027-03-15',5,3,1);
INSERT INTO "answer_weeks" VALUES('127.0.0.1:4290',5,'2027-03-15',6,3,1);
INSERT INTO "answer_weeks" VALUES('127.0.0.1:4290',5,'2027-03-15',13,3,1);
CREATE TABLE blocker_words (
	forum VARCHAR(255) NOT NULL, 
	topic_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	word VARCHAR(10) NOT NULL, 
	owner VARCHAR(60) NOT NULL, 
	note TEXT NOT NULL, 
	"by" VARCHAR(60) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, topic_id, number)
);
INSERT INTO "blocker_words" VALUES('127.0.0.1:4290',45,1,'spring','open','','','lea','2027-03-14 09:00:00.000000');
INSERT INTO "blocker_words" VALUES('127.0.0.1:4290',45,2,'spring','assign','ben','','lea','2027-03-14 09:00:00.000000');
CREATE TABLE briefing_answers (
	forum VARCHAR(255) NOT NULL, 
	"key" VARCHAR(50) NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	step VARCHAR(80) NOT NULL, 
	email VARCHAR(320) NOT NULL, 
	name TEXT NOT NULL, 
	about_users JSON NOT NULL, 
	answer VARCHAR(10) NOT NULL, 
	source VARCHAR(10) NOT NULL, 
	settled_at DATETIME, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, "key")
);
INSERT INTO "briefing_answers" VALUES('127.0.0.1:4290','lcm-spring-tell-managers-20270303-31d05b371b9c','spring','tell-managers','bea@example.org','Bea Boss','[2, 3]','talk','lcm',NULL,'2026-11-29 20:00:49.624524');
CREATE TABLE budgets (
	forum VARCHAR(255) NOT NULL, 
	turn BIGINT NOT NULL, 
	paused_until DOUBLE NOT NULL, 
	PRIMARY KEY (forum)
);
CREATE TABLE call_waiters (
	id VARCHAR(32) NOT NULL, 
	forum VARCHAR(255) NOT NULL, 
	priority INTEGER NOT NULL, 
	since DOUBLE NOT NULL, 
	seen DOUBLE NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE calls (
	id VARCHAR(32) NOT NULL, 
	forum VARCHAR(255) NOT NULL, 
	priority INTEGER NOT NULL, 
	started DOUBLE NOT NULL, 
	ends DOUBLE NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE changes (
	forum VARCHAR(255) NOT NULL, 
	run VARCHAR(40) NOT NULL, 
	position INTEGER NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	target VARCHAR(60) NOT NULL, 
	user_id INTEGER, 
	username VARCHAR(60), 
	person TEXT, 
	detail JSON NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	reason TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, run, position)
);
INSERT INTO "changes" VALUES('127.0.0.1:4291','sync-20270225T120000-32f37e97',0,'harbour','create_group','harbour',NULL,NULL,NULL,'{"full_name": "Harbour"}','done','','2027-02-25 12:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4291','sync-20270225T120000-32f37e97',1,'harbour','create_group','harbour-lcm',NULL,NULL,NULL,'{"full_name": "Harbour (LCM)"}','done','','2027-02-25 12:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4291','sync-20270225T120000-32f37e97',2,'harbour','create_category','Harbour',NULL,NULL,NULL,'{"slug": "harbour", "permissions": {"harbour": 1, "harbour-lcm": 1, "staff": 1}, "moderators": [], "about": "This is the place of the cohort Harbour: the weekly question, your answers, and what you found out. What is written here can be read by the members of the cohort and those who look after it.", "about_title": "About the Harbour category", "notifications": "watching_first_post", "group": "harbour"}','done','','2027-02-25 12:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4291','sync-20270225T120000-32f37e97',3,'harbour','add_by_email','harbour',NULL,NULL,'Mia','{"key": "id:h0", "email": "mia@example.org"}','done','','2027-02-25 12:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4291','sync-20270225T120000-32f37e97',4,'harbour','add_by_email','harbour',NULL,NULL,'Noa','{"key": "id:h1", "email": "noa@example.org"}','done','','2027-02-25 12:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',0,'spring','create_group','spring',NULL,NULL,NULL,'{"full_name": "Spring"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',1,'spring','create_group','spring-lcm',NULL,NULL,NULL,'{"full_name": "Spring (LCM)"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',2,'spring','create_category','Spring',NULL,NULL,NULL,'{"slug": "spring", "permissions": {"spring": 1, "spring-lcm": 1, "staff": 1}, "moderators": ["spring-lcm"], "about": "This is the place of the cohort Spring: the weekly question, your answers, and what you found out. What is written here can be read by the members of the cohort and those who look after it.", "about_title": "About the Spring category", "notifications": "watching_first_post", "group": "spring"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',3,'spring','add','spring',2,'ana','Ana Almeida','{"key": "id:p1", "digests": "f64551fcd6f07823 86b9260a115ceac8"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',4,'spring','add','spring',3,'ben','Ben Brandt','{"key": "id:p2", "digests": "3946ca64ff78d93c 9de4dcc67240d506"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',5,'spring','add','spring',5,'dora','Dora Dahl','{"key": "id:p4", "digests": "ab71fc4c8a1c4d62 215ed56a01ceec56"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',6,'spring','add','spring',6,'eva','Eva Engel','{"key": "id:p5", "digests": "536c351ae15e5f5e 3f12bb17de259e16"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',7,'spring','add','spring',7,'finn','Finn Faber','{"key": "id:p6", "digests": "7d087a2e212c110e a9b3cf28e3800600"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',9,'spring','add','spring',9,'lea','Lea Lund','{"key": "id:p8", "digests": "9b85c0828dcfbc88 cd3f6bd6faff3e31"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',10,'spring','add','spring',14,'rita','Rita Roth','{"key": "id:p13", "digests": "dc9251edd5241fd4 a81c44911051110f"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',11,'spring','add','spring',15,'sam','Sam Sand','{"key": "id:p14", "digests": "b11e9a1a5e0b8e53 22e7ba7a5786d8fb"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',12,'spring','add','spring',16,'tom','Tom Thal','{"key": "id:p15", "digests": "839dcfec1c9ef899 0770fa44e4ec997f"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',13,'spring','add_owner','spring',9,'lea','Lea Lund','{"key": "id:p8", "digests": "9b85c0828dcfbc88 cd3f6bd6faff3e31"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',14,'spring','add','spring-lcm',9,'lea','Lea Lund','{"key": "id:p8", "digests": "9b85c0828dcfbc88 cd3f6bd6faff3e31"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',15,'spring','invite','spring',NULL,NULL,'Nora Nagel','{"key": "id:p90", "email": "nora@example.org", "groups": ["spring"]}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',16,'summer','create_group','summer',NULL,NULL,NULL,'{"full_name": "\u00c9t\u00e9"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',17,'summer','create_group','summer-lcm',NULL,NULL,NULL,'{"full_name": "\u00c9t\u00e9 (LCM)"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',18,'summer','create_category','Été',NULL,NULL,NULL,'{"slug": "summer", "permissions": {"summer": 1, "summer-lcm": 1, "staff": 1}, "moderators": ["summer-lcm"], "about": "C\u2019est ici que se retrouve la cohorte \u00c9t\u00e9\u00a0: la question de la semaine, vos r\u00e9ponses et ce que vous avez d\u00e9couvert. Seuls les membres de la cohorte et son \u00e9quipe d\u2019accompagnement lisent ce qui s\u2019\u00e9crit ici.", "about_title": "\u00c0 propos de la cat\u00e9gorie \u00c9t\u00e9", "notifications": "watching_first_post", "group": "summer"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',19,'summer','add','summer',10,'ida','Ida Imbert','{"key": "id:p9", "digests": "26148c43a19c95f0 ebb04c0ee85f2fc3"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',20,'summer','add','summer',11,'jan','Jan Jolivet','{"key": "id:p10", "digests": "8860646b40f17b10 a3ff11319b5ef6b1"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',21,'summer','add','summer',9,'lea','Lea Lund','{"key": "id:p8", "digests": "9b85c0828dcfbc88 cd3f6bd6faff3e31"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',22,'summer','add_owner','summer',9,'lea','Lea Lund','{"key": "id:p8", "digests": "9b85c0828dcfbc88 cd3f6bd6faff3e31"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',23,'summer','add','summer-lcm',9,'lea','Lea Lund','{"key": "id:p8", "digests": "9b85c0828dcfbc88 cd3f6bd6faff3e31"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',24,'winter','create_group','winter',NULL,NULL,NULL,'{"full_name": "Winter"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',25,'winter','create_group','winter-lcm',NULL,NULL,NULL,'{"full_name": "Winter (LCM)"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',26,'winter','create_category','Winter',NULL,NULL,NULL,'{"slug": "winter", "permissions": {"winter": 1, "winter-lcm": 1, "staff": 1}, "moderators": ["winter-lcm"], "about": "This is the place of the cohort Winter: the weekly question, your answers, and what you found out. What is written here can be read by the members of the cohort and those who look after it.", "about_title": "About the Winter category", "notifications": "watching_first_post", "group": "winter"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',27,'winter','add','winter',12,'kim','Kim Kern','{"key": "id:p11", "digests": "274c9ccdd7cc9ac3 1b8d24966640ed8b"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',28,'winter','add','winter',9,'lea','Lea Lund','{"key": "id:p8", "digests": "9b85c0828dcfbc88 cd3f6bd6faff3e31"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',29,'winter','add_owner','winter',9,'lea','Lea Lund','{"key": "id:p8", "digests": "9b85c0828dcfbc88 cd3f6bd6faff3e31"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270225T090000-4e4aa5d4',30,'winter','add','winter-lcm',9,'lea','Lea Lund','{"key": "id:p8", "digests": "9b85c0828dcfbc88 cd3f6bd6faff3e31"}','done','','2027-02-25 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270226T090000-9c5edf18',0,'spring','add','spring',13,'olga','Olga Orth','{"key": "mail:olga@example.org", "digests": "0450de3d14dfa2d0"}','done','','2027-02-26 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270228T080000-385bf978',0,'spring','add','spring',4,'cleo','Cleo Costa','{"key": "id:p3", "digests": "43bb00d0ce7790a5 5ae22dc1c344cf93"}','done','','2027-02-28 08:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270228T090000-46d6f998',0,'spring','add_owner','spring',4,'cleo','Cleo Costa','{"key": "id:p3", "digests": "43bb00d0ce7790a5 5ae22dc1c344cf93"}','done','','2027-02-28 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270228T090000-46d6f998',1,'spring','add','spring-lcm',4,'cleo','Cleo Costa','{"key": "id:p3", "digests": "43bb00d0ce7790a5 5ae22dc1c344cf93"}','done','','2027-02-28 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','undo-20270228T090000-c7c6efee',0,'spring','remove_owner','spring',4,'cleo','Cleo Costa','{"key": "id:p3", "digests": "43bb00d0ce7790a5 5ae22dc1c344cf93"}','done','','2027-02-28 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','undo-20270228T090000-c7c6efee',1,'spring','remove','spring-lcm',4,'cleo','Cleo Costa','{"key": "id:p3", "digests": "43bb00d0ce7790a5 5ae22dc1c344cf93", "owner": false}','done','','2027-02-28 09:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270305T100000-41e90e81',0,'spring','remind','spring',NULL,NULL,'Nora Nagel','{"key": "id:p90", "email": "nora@example.org", "groups": ["spring"], "invite": 1}','done','','2027-03-05 10:00:00.000000');
INSERT INTO "changes" VALUES('127.0.0.1:4290','sync-20270310T110000-53e68bf1',1,'winter','archive_category','Winter',NULL,NULL,NULL,'{"id": 7, "slug": "winter", "permissions": {"winter": 3, "winter-lcm": 1, "staff": 1}, "moderators": ["winter-lcm"], "before": {"permissions": {"staff": 1, "winter": 1, "winter-lcm": 1}, "moderators": ["winter-lcm"]}}','done','','2027-03-10 11:00:00.000000');
CREATE TABLE choices (
	forum VARCHAR(255) NOT NULL, 
	user_id INTEGER NOT NULL, 
	username VARCHAR(60) NOT NULL, 
	nudges BOOLEAN NOT NULL, 
	quoting BOOLEAN NOT NULL, 
	pairing BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, user_id)
);
INSERT INTO "choices" VALUES('127.0.0.1:4290',6,'eva',0,1,1,'2027-03-10 09:00:00.000000');
INSERT INTO "choices" VALUES('127.0.0.1:4290',11,'jan',1,0,1,'2027-03-16 14:00:00.000000');
CREATE TABLE cohort_clocks (
	forum VARCHAR(255) NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	paused BOOLEAN NOT NULL, 
	paused_until DATETIME, 
	shift_days INTEGER NOT NULL, archived_at DATETIME, 
	PRIMARY KEY (forum, cohort)
);
INSERT INTO "cohort_clocks" VALUES('127.0.0.1:4290','summer',1,'2027-03-19 23:00:00.000000',3,NULL);
INSERT INTO "cohort_clocks" VALUES('127.0.0.1:4290','winter',0,NULL,0,'2026-11-29 20:00:49.138157');
CREATE TABLE commitments (
	forum VARCHAR(255) NOT NULL, 
	topic_id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	playbook VARCHAR(80) NOT NULL, 
	step VARCHAR(80) NOT NULL, 
	slot DATETIME NOT NULL, 
	post_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	username VARCHAR(60) NOT NULL, 
	name TEXT NOT NULL, 
	words JSON NOT NULL, 
	is_cut BOOLEAN NOT NULL, 
	written_at DATETIME NOT NULL, 
	day DATE NOT NULL, 
	named BOOLEAN NOT NULL, 
	asked_at DATETIME, 
	asked_key VARCHAR(50), 
	talk INTEGER, 
	later_key VARCHAR(50), 
	later_at DATETIME, 
	answer VARCHAR(10) NOT NULL, 
	later_answer VARCHAR(10) NOT NULL, 
	answered_at DATETIME, 
	answer_post INTEGER, 
	vote VARCHAR(10) NOT NULL, 
	withdrawn_at DATETIME, 
	looked_at DATETIME, 
	PRIMARY KEY (forum, topic_id, user_id)
);
INSERT INTO "commitments" VALUES('127.0.0.1:4290',28,2,'spring','ours','plan','2027-03-01 09:00:00.000000',34,2,'ana','Ana Almeida','["When the late shift comes on Saturday, I will ask first.", "Ben will hear it."]',0,'2027-03-01 09:00:00.000000','2027-03-06',1,'2027-03-07 09:00:00.000000','lcm-spring-plan-20270301-76171b88b82d',38,NULL,NULL,'not yet','','2027-03-09 09:00:00.000000',45,'',NULL,'2027-03-09 09:00:00.000000');
CREATE TABLE consents (
	forum VARCHAR(255) NOT NULL, 
	post_id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	username VARCHAR(60) NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	message_key VARCHAR(50) NOT NULL, 
	answer VARCHAR(10) NOT NULL, 
	asked_at DATETIME NOT NULL, 
	answered_at DATETIME, shown JSON, answer_post INTEGER, words TEXT DEFAULT '' NOT NULL, decided VARCHAR(10) DEFAULT '' NOT NULL, decided_at DATETIME, decided_by VARCHAR(60) DEFAULT '' NOT NULL, looked_at DATETIME, 
	PRIMARY KEY (forum, post_id)
);
INSERT INTO "consents" VALUES('127.0.0.1:4290',46,4,'cleo','spring','lcm-spring-may-i-20270309-281729523345','no','2027-03-09 11:00:00.000000','2027-03-09 15:00:00.000000','{"title": "Cleo Costa: \u201cOn Monday I tried to let each person say one thing\u201d", "raw": "On Monday 8\u00a0March, Cleo Costa wrote in [What worked in our Monday round](http://127.0.0.1:4290/t/what-worked-in-our-monday-round/39):\n\n[quote=\"cleo, post:1, topic:39\"]\nBefore, our Monday round took an hour and nobody listened. On Monday I tried to let each person say one thing. It worked: we were done in twenty minutes, and two problems were solved on the spot.\n[/quote]\n\nOne person liked it and one replied.\n\nIf you try something like it, tell Cleo Costa below how it went, and what was different in your case.\n\n*Shown with the author\u2019s consent.*\n"}',50,'No, please do not show it to anybody.','',NULL,'','2027-03-17 10:00:00.000000');
INSERT INTO "consents" VALUES('127.0.0.1:4290',57,2,'ana','spring','lcm-spring-may-i-20270316-a0269f1eced2','yes','2027-03-16 11:00:00.000000','2027-03-16 14:00:00.000000','{"title": "Ana Almeida tried reading the list aloud before anybody left", "raw": "On Monday 15\u00a0March, Ana Almeida wrote in [What worked at our hand-over](http://127.0.0.1:4290/t/what-worked-at-our-hand-over/47):\n\n[quote=\"ana, post:1, topic:47\"]\nOur hand-over used to lose half of the questions. Last week I tried reading the list aloud before anybody left. It worked: we had two calls back instead of seven, and nobody stayed late.\n[/quote]\n\nOne person liked it and one replied.\n\nIf you try something like it, tell Ana Almeida below how it went, and what was different in your case.\n\n*Shown with the author\u2019s consent.*\n"}',66,'','',NULL,'','2027-03-17 10:00:00.000000');
CREATE TABLE created (
	forum VARCHAR(255) NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	name VARCHAR(60) NOT NULL, 
	forum_id INTEGER, 
	state VARCHAR(10) NOT NULL, 
	run VARCHAR(40) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, kind, name)
);
INSERT INTO "created" VALUES('127.0.0.1:4291','group','harbour',41,'made','sync-20270225T120000-32f37e97','2027-02-25 12:00:00.000000');
INSERT INTO "created" VALUES('127.0.0.1:4291','group','harbour-lcm',42,'made','sync-20270225T120000-32f37e97','2027-02-25 12:00:00.000000');
INSERT INTO "created" VALUES('127.0.0.1:4291','category','harbour',5,'made','sync-20270225T120000-32f37e97','2027-02-25 12:00:00.000000');
INSERT INTO "created" VALUES('127.0.0.1:4290','group','spring',41,'made','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000');
INSERT INTO "created" VALUES('127.0.0.1:4290','group','spring-lcm',42,'made','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000');
INSERT INTO "created" VALUES('127.0.0.1:4290','category','spring',5,'made','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000');
INSERT INTO "created" VALUES('127.0.0.1:4290','group','summer',43,'made','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000');
INSERT INTO "created" VALUES('127.0.0.1:4290','group','summer-lcm',44,'made','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000');
INSERT INTO "created" VALUES('127.0.0.1:4290','category','summer',6,'made','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000');
INSERT INTO "created" VALUES('127.0.0.1:4290','group','winter',45,'made','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000');
INSERT INTO "created" VALUES('127.0.0.1:4290','group','winter-lcm',46,'made','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000');
INSERT INTO "created" VALUES('127.0.0.1:4290','category','winter',7,'made','sync-20270310T110000-53e68bf1','2027-03-10 11:00:00.000000');
CREATE TABLE cursors (
	forum VARCHAR(255) NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (forum, name)
);
INSERT INTO "cursors" VALUES('127.0.0.1:4291','roster-key','e817c2603f5c1bbdead121c512063998704a005fcce94f66db24398cae2dedb0');
INSERT INTO "cursors" VALUES('127.0.0.1:4291','abilities','{"at": "2027-02-25T12:00:00+00:00", "queries": {}, "many_terms": null, "connect": false, "moderation": false, "plugin": false}');
INSERT INTO "cursors" VALUES('127.0.0.1:4291','unfound','{"at": "2027-02-25T12:00:00+00:00", "accounts": 3, "people": []}');
INSERT INTO "cursors" VALUES('127.0.0.1:4291','site','2027-02-25T12:00:00.000Z');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','roster-key','c2ccef638925effc468cf7028cf6e1f092956f450b56cb2d717c64668911a603');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','abilities','{"at": "2027-03-10T11:00:00+00:00", "queries": {}, "many_terms": null, "connect": false, "moderation": null, "plugin": true}');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','unfound','{"at": "2027-03-10T11:00:00+00:00", "accounts": -1, "people": ["c371a9a1317760be"]}');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','site','2027-02-25T09:00:00.000Z');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','cohort spring','{"category": "spring", "dates": ["2027-03-01", "2027-03-25"], "group": "spring", "name": "Spring"}');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','cohort summer','{"category": "summer", "dates": ["2027-03-01", "2027-04-09"], "group": "summer", "name": "\u00c9t\u00e9"}');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','cohort winter','{"category": "winter", "dates": ["2027-01-11", "2027-05-28"], "group": "winter", "name": "Winter"}');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','messages','{"since": "2027-03-01T08:50:00+00:00", "upto": "2027-03-16T14:00:00+00:00"}');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','desks written','2027-03-17T10:00:00+00:00');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','activity counts','1');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','activity:spring','WyJwb3N0cyIsWzIzLDBdLFsxODA1MTA4NDAwMDAwLDU3MDAwMDAzXSxbMTgwMTQ0MDAwMDAwMCwwXSxbMTgwNTA2ODgwMDAwMCwxM11d');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','desk topic:spring','{"digest": "6e5cdab40f3aa93bed17b82c462a650def259c3c8f787625ba3d5338070c81c3", "shown": {"2": "2027-03-16T15:00:00+00:00", "4": "2027-03-17T10:00:00+00:00", "5": "2027-03-17T10:00:00+00:00"}}');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','desk:spring','2027-03-17T10:00:00+00:00 32e6996a0f3ea9d1523be004e3af261a7640259bea64ab485c9861a2800a2777');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','looked for a restore','2027-03-17T10:00:00+00:00');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','plans in topic 28','2027-03-17T09:00:00+00:00');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','collected:spring','2027-03-17T10:00:00+00:00');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','mail-secret','1231293677634995d087ab7f10d8d95d140fc9a5b5b14ec1a3cbd017feade7b2');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','collected:summer','2027-03-10T09:00:00+00:00');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','questions in topic 28','2027-03-07T09:00:00+00:00');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','forgotten-key','05962d45b37ef3fd67355845966f6afdd925ae373db6ee6ef34d495eba0f2442');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','activity:winter','WyJwb3N0cyIsWzE0LDBdLFsxNzk3MjA2NDAwMDAwLDBdLFsxNzk3MjA2NDAwMDAwLDBdLFsxNzk3MjA2NDAwMDAwLDBdXQ');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','desk:winter','2027-03-17T09:00:00+00:00 8f67b903c6d9bb485c2c78734b3dd8e545cb0a940152b370d70b1acf30969075');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','desk figure:spring','{"digest": "c065c50d50c63fbbb498ef6ac8284d978437650bbde4fe3e06c12ebb9a303d7b", "at": "2027-03-15T10:00:00+00:00", "shown": "![Posts week by week: 1\u20137\u00a0March: 4, 8\u201314\u00a0March: 3|690x240](upload://tOBwAr3K7EztlO27BISN7RcvG1u.png)"}');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','numbers:spring','5');
INSERT INTO "cursors" VALUES('127.0.0.1:4290','work','2');
CREATE TABLE dismissals (
	forum VARCHAR(255) NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	user_id INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	until DATETIME, 
	"by" VARCHAR(60) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, cohort, user_id)
);
INSERT INTO "dismissals" VALUES('127.0.0.1:4290','spring',5,'is on leave','2027-04-21 00:00:00.000000','lea','2027-03-10 11:00:00.000000');
CREATE TABLE drafts (
	"key" VARCHAR(50) NOT NULL, 
	forum VARCHAR(255) NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	body JSON NOT NULL, 
	reason TEXT NOT NULL, 
	decided_by VARCHAR(60), 
	decision_reason TEXT, 
	created_at DATETIME NOT NULL, 
	decided_at DATETIME, 
	PRIMARY KEY ("key")
);
INSERT INTO "drafts" VALUES('lcm-spring-may-i-20270309-281729523345','127.0.0.1:4290','spring','sent','{"kind": "message", "raw": "Cleo Costa, others could use what you wrote: you say what you tried and what came of it. I would like to show it to them, and I will not do so without your yes.\n\nThis is all that would appear, word for word:\n\n---\n\n### Cleo Costa: \u201cOn Monday I tried to let each person say one thing\u201d\n\nOn Monday 8\u00a0March, Cleo Costa wrote in [What worked in our Monday round](http://127.0.0.1:4290/t/what-worked-in-our-monday-round/39):\n\n[quote=\"cleo, post:1, topic:39\"]\nBefore, our Monday round took an hour and nobody listened. On Monday I tried to let each person say one thing. It worked: we were done in twenty minutes, and two problems were solved on the spot.\n[/quote]\n\nOne person liked it and one replied.\n\nIf you try something like it, tell Cleo Costa below how it went, and what was different in your case.\n\n*Shown with the author\u2019s consent.*\n\n---\n\nIt would be a topic of its own in Spring, which 12\u00a0people can read.\n\nMay I? To agree, answer **Yes, you may show it**. The answer **No, please do not show it** is just as good and needs no reason. If I hear nothing, I leave your post where it is.\n\nIf something should change first, say so here: you would see the new text before anybody else. And a yes can be taken back here at any time. Then the story comes down.\n\nLea Lund\n\n*Sent from the assistant\u2019s account. I read and answer here.*\n", "reason": "Cleo Costa: The post tells what was tried and what came of it, with a figure. One person liked it and one replied.", "part": "ask-46", "title": "Spring: may I show your post?", "recipients": ["cleo", "lea"], "topic_id": null, "tags": [], "pin_days": null, "approval": "lcm", "about_posts": [46], "about_users": [4], "refs": ["consent", "words:1823e31e108e576f"], "citations": [{"use": "quote", "topic_id": 39, "title": "What worked in our Monday round", "post_id": 46, "number": 1, "user_id": 4, "username": "cleo", "name": "Cleo Costa", "passages": ["Before, our Monday round took an hour and nobody listened.", "On Monday I tried to let each person say one thing.", "It worked: we were done in twenty minutes, and two problems were solved on the spot.", "On Monday I tried to let each person say one thing."], "pieces": []}], "signed": ["Lea Lund"], "to_learner": 4, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "consent", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "may-i", "slot": "2027-03-09T10:00:00+00:00", "position": 0, "send_by": "2027-03-12T10:00:00+00:00", "patience": 259200.0}','Cleo Costa: The post tells what was tried and what came of it, with a figure. One person liked it and one replied.','lea',NULL,'2027-03-09 10:00:00.000000','2026-11-29 20:00:45.549218');
INSERT INTO "drafts" VALUES('lcm-spring-may-i-20270316-a0269f1eced2','127.0.0.1:4290','spring','sent','{"kind": "message", "raw": "Ana Almeida, others could use what you wrote: you say what you tried and what came of it. I would like to show it to them, and I will not do so without your yes.\n\nThis is all that would appear, word for word:\n\n---\n\n### Ana Almeida tried reading the list aloud before anybody left\n\nOn Monday 15\u00a0March, Ana Almeida wrote in [What worked at our hand-over](http://127.0.0.1:4290/t/what-worked-at-our-hand-over/47):\n\n[quote=\"ana, post:1, topic:47\"]\nOur hand-over used to lose half of the questions. Last week I tried reading the list aloud before anybody left. It worked: we had two calls back instead of seven, and nobody stayed late.\n[/quote]\n\nOne person liked it and one replied.\n\nIf you try something like it, tell Ana Almeida below how it went, and what was different in your case.\n\n*Shown with the author\u2019s consent.*\n\n---\n\nIt would be a topic of its own in Spring, which 11\u00a0people can read.\n\nMay I? To agree, answer **Yes, you may show it**. The answer **No, please do not show it** is just as good and needs no reason. If I hear nothing, I leave your post where it is.\n\nIf something should change first, say so here: you would see the new text before anybody else. And a yes can be taken back here at any time. Then the story comes down.\n\nLea Lund\n\n*Sent from the assistant\u2019s account. I read and answer here.*\n", "reason": "Ana Almeida: The post tells what was tried and what came of it. One person liked it and one replied.", "part": "ask-57", "title": "Spring: may I show your post?", "recipients": ["ana", "lea"], "topic_id": null, "tags": [], "pin_days": null, "approval": "lcm", "about_posts": [57], "about_users": [2], "refs": ["consent", "words:72dca99d2f057c75"], "citations": [{"use": "quote", "topic_id": 47, "title": "What worked at our hand-over", "post_id": 57, "number": 1, "user_id": 2, "username": "ana", "name": "Ana Almeida", "passages": ["Our hand-over used to lose half of the questions.", "Last week I tried reading the list aloud before anybody left.", "It worked: we had two calls back instead of seven, and nobody stayed late.", "Last week I tried reading the list aloud before anybody left."], "pieces": []}], "signed": ["Lea Lund"], "to_learner": 2, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "consent", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "may-i", "slot": "2027-03-16T10:00:00+00:00", "position": 0, "send_by": "2027-03-19T10:00:00+00:00", "patience": 259200.0}','Ana Almeida: The post tells what was tried and what came of it. One person liked it and one replied.','lea',NULL,'2027-03-16 10:00:00.000000','2026-11-29 20:00:54.726840');
INSERT INTO "drafts" VALUES('lcm-spring-quiet-20270317-94a5d39afb31','127.0.0.1:4290','spring','rejected','{"kind": "message", "raw": "Finn Faber, [Spring: half a page on one conversation](http://127.0.0.1:4290/t/spring-half-a-page-on-one-conversation/31) is still open. Three sentences are an answer, and rough ones are welcome.\n\nIf this month is simply full, reply \u201clater, please\u201d, and I leave you in peace for a month. If something stands in the way, [Lea Lund](http://127.0.0.1:4290/u/lea) can help.\n", "reason": "Finn Faber is silent while most of the others write.", "part": "to-7", "title": "Finn Faber, one thing from Spring", "recipients": ["finn"], "topic_id": null, "tags": [], "pin_days": null, "approval": "lcm", "about_posts": [], "about_users": [7], "refs": ["nudge", "until-back:2027-03-17T09:00:00+00:00", "while-in:spring"], "citations": [{"use": "link", "topic_id": 31, "title": "", "post_id": null, "number": 1, "user_id": null, "username": "", "name": "", "passages": [], "pieces": []}], "signed": [], "to_learner": 7, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "nudge", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "quiet", "slot": "2027-03-17T09:00:00+00:00", "position": 0, "send_by": "2027-03-20T09:00:00+00:00", "patience": 259200.0}','Finn Faber is silent while most of the others write.','lea','I have rung him.','2027-03-17 09:00:00.000000','2026-11-29 20:00:58.914850');
INSERT INTO "drafts" VALUES('lcm-spring-quiet-20270317-da84a0e5b0d5','127.0.0.1:4290','spring','approved','{"kind": "message", "raw": "Rita Roth, [Spring: half a page on one conversation](http://127.0.0.1:4290/t/spring-half-a-page-on-one-conversation/31) is still open. Three sentences are an answer, and rough ones are welcome.\n\nIf this month is simply full, reply \u201clater, please\u201d, and I leave you in peace for a month. If something stands in the way, [Lea Lund](http://127.0.0.1:4290/u/lea) can help.\n", "reason": "Rita Roth is silent while most of the others write.", "part": "to-14", "title": "Rita Roth, one thing from Spring", "recipients": ["rita"], "topic_id": null, "tags": [], "pin_days": null, "approval": "lcm", "about_posts": [], "about_users": [14], "refs": ["nudge", "until-back:2027-03-17T09:00:00+00:00", "while-in:spring"], "citations": [{"use": "link", "topic_id": 31, "title": "", "post_id": null, "number": 1, "user_id": null, "username": "", "name": "", "passages": [], "pieces": []}], "signed": [], "to_learner": 14, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "nudge", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "quiet", "slot": "2027-03-17T09:00:00+00:00", "position": 2, "send_by": "2027-03-20T09:00:00+00:00", "patience": 259200.0}','Rita Roth is silent while most of the others write.','lea',NULL,'2027-03-17 09:00:00.000000','2026-11-29 20:01:01.403616');
INSERT INTO "drafts" VALUES('lcm-spring-quiet-20270317-c8127f25ca0f','127.0.0.1:4290','spring','pending','{"kind": "message", "raw": "Tom Thal, [Spring: half a page on one conversation](http://127.0.0.1:4290/t/spring-half-a-page-on-one-conversation/31) is still open. Three sentences are an answer, and rough ones are welcome.\n\nIf this month is simply full, reply \u201clater, please\u201d, and I leave you in peace for a month. If something stands in the way, [Lea Lund](http://127.0.0.1:4290/u/lea) can help.\n", "reason": "Tom Thal is silent while most of the others write.", "part": "to-16", "title": "Tom Thal, one thing from Spring", "recipients": ["tom"], "topic_id": null, "tags": [], "pin_days": null, "approval": "lcm", "about_posts": [], "about_users": [16], "refs": ["nudge", "until-back:2027-03-17T09:00:00+00:00", "while-in:spring"], "citations": [{"use": "link", "topic_id": 31, "title": "", "post_id": null, "number": 1, "user_id": null, "username": "", "name": "", "passages": [], "pieces": []}], "signed": [], "to_learner": 16, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "nudge", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "quiet", "slot": "2027-03-17T09:00:00+00:00", "position": 4, "send_by": "2027-03-20T09:00:00+00:00", "patience": 259200.0}','Tom Thal is silent while most of the others write.',NULL,NULL,'2027-03-17 09:00:00.000000',NULL);
CREATE TABLE emailed (
	forum VARCHAR(255) NOT NULL, 
	group_name VARCHAR(40) NOT NULL, 
	person VARCHAR(255) NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	email TEXT NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	run VARCHAR(40) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, group_name, person)
);
INSERT INTO "emailed" VALUES('127.0.0.1:4291','harbour','id:h0','harbour','mia@example.org','sent','sync-20270225T120000-32f37e97','2027-02-25 12:00:00.000000');
INSERT INTO "emailed" VALUES('127.0.0.1:4291','harbour','id:h1','harbour','noa@example.org','sent','sync-20270225T120000-32f37e97','2027-02-25 12:00:00.000000');
CREATE TABLE evidence (
	"key" VARCHAR(50) NOT NULL, 
	forum VARCHAR(255) NOT NULL, 
	user_id INTEGER, 
	content JSON NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "evidence" VALUES('lcm-spring-quiet-20270317-94a5d39afb31','127.0.0.1:4290',7,'{"rules": {"when": {"said": "learners who wrote in the last 7 days: 6 (asked for: at least 1)", "holds": true, "read": {"writers_7_days": 6}}}, "facts": {}}','2027-03-17 09:00:00.000000');
INSERT INTO "evidence" VALUES('lcm-spring-quiet-20270317-da84a0e5b0d5','127.0.0.1:4290',14,'{"rules": {"when": {"said": "learners who wrote in the last 7 days: 6 (asked for: at least 1)", "holds": true, "read": {"writers_7_days": 6}}}, "facts": {}}','2027-03-17 09:00:00.000000');
INSERT INTO "evidence" VALUES('lcm-spring-quiet-20270317-c8127f25ca0f','127.0.0.1:4290',16,'{"rules": {"when": {"said": "learners who wrote in the last 7 days: 6 (asked for: at least 1)", "holds": true, "read": {"writers_7_days": 6}}}, "facts": {}}','2027-03-17 09:00:00.000000');
CREATE TABLE facts (
	forum VARCHAR(255) NOT NULL, 
	user_id INTEGER NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	name VARCHAR(40) NOT NULL, 
	type VARCHAR(10) NOT NULL, 
	value TEXT NOT NULL, 
	source VARCHAR(255) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, user_id, cohort, name)
);
INSERT INTO "facts" VALUES('127.0.0.1:4290',2,'spring','manager_name','text','Bea Boss','roster /tmp/tmpwvxj31nl/roster.csv','2027-03-10 11:00:00.000000');
INSERT INTO "facts" VALUES('127.0.0.1:4290',3,'spring','manager_name','text','Bea Boss','roster /tmp/tmpwvxj31nl/roster.csv','2027-03-10 11:00:00.000000');
INSERT INTO "facts" VALUES('127.0.0.1:4290',2,'spring','manager_email','text','bea@example.org','managers','2027-03-10 11:00:00.000000');
INSERT INTO "facts" VALUES('127.0.0.1:4290',3,'spring','manager_email','text','bea@example.org','managers','2027-03-10 11:00:00.000000');
INSERT INTO "facts" VALUES('127.0.0.1:4290',2,'spring','commitment_open','yes/no','yes','commitments spring','2027-03-17 09:00:00.000000');
INSERT INTO "facts" VALUES('127.0.0.1:4290',2,'spring','manager_answer','text','talk','briefings','2026-11-29 20:00:49.624524');
INSERT INTO "facts" VALUES('127.0.0.1:4290',3,'spring','manager_answer','text','talk','briefings','2026-11-29 20:00:49.624524');
INSERT INTO "facts" VALUES('127.0.0.1:4290',3,'spring','due_task','date','2027-03-24','lcm assignment extend','2026-11-29 20:00:55.183050');
CREATE TABLE forgotten (
	forum VARCHAR(255) NOT NULL, 
	digest VARCHAR(32) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, digest)
);
INSERT INTO "forgotten" VALUES('127.0.0.1:4290','2744a609f85c34d68cdd1a8427209c2a','2027-03-10 11:00:00.000000');
INSERT INTO "forgotten" VALUES('127.0.0.1:4290','4e48c57d72adaee70df2da30c72e628d','2027-03-10 11:00:00.000000');
CREATE TABLE identities (
	forum VARCHAR(255) NOT NULL, 
	person VARCHAR(255) NOT NULL, 
	user_id INTEGER NOT NULL, 
	username VARCHAR(60) NOT NULL, 
	matched_by VARCHAR(20) NOT NULL, 
	at DATETIME NOT NULL, evidence JSON DEFAULT '{}' NOT NULL, made_at DATETIME, 
	PRIMARY KEY (forum, person)
);
INSERT INTO "identities" VALUES('127.0.0.1:4290','id:p1',2,'ana','email','2027-02-25 09:00:00.000000','{"external_id": "f64551fcd6f07823", "email": "86b9260a115ceac8", "name": "24d4b96f58da6d4a 6bb3c2380e6de1b1", "roster": "22be56c7f8fb84cf", "account_name": "24d4b96f58da6d4a 6bb3c2380e6de1b1"}','2027-02-25 09:00:00.000000');
INSERT INTO "identities" VALUES('127.0.0.1:4290','id:p2',3,'ben','email','2027-02-25 09:00:00.000000','{"external_id": "3946ca64ff78d93c", "email": "9de4dcc67240d506", "name": "6700869c8ff7480e 6c0c9335d5aa8d61", "roster": "bf039d295ae19b27", "account_name": "6700869c8ff7480e 6c0c9335d5aa8d61"}','2027-02-25 09:00:00.000000');
INSERT INTO "identities" VALUES('127.0.0.1:4290','id:p4',5,'dora','settled','2027-03-10 11:00:00.000000','{"external_id": "ab71fc4c8a1c4d62", "email": "215ed56a01ceec56", "name": "69db31976ead37b8 ddd9cfdbdfdab272", "roster": "c2fb888d87d30e9b", "account_name": "69db31976ead37b8 ddd9cfdbdfdab272", "settled": "c2fb888d87d30e9b"}','2027-02-25 09:00:00.000000');
INSERT INTO "identities" VALUES('127.0.0.1:4290','id:p5',6,'eva','email','2027-02-25 09:00:00.000000','{"external_id": "536c351ae15e5f5e", "email": "3f12bb17de259e16", "name": "02b15ef87562676a aeecfdf50747b3d2", "roster": "4388e7070285f6af", "account_name": "02b15ef87562676a aeecfdf50747b3d2"}','2027-02-25 09:00:00.000000');
INSERT INTO "identities" VALUES('127.0.0.1:4290','id:p6',7,'finn','email','2027-02-25 09:00:00.000000','{"external_id": "7d087a2e212c110e", "email": "a9b3cf28e3800600", "name": "7478c084d5bbb4ca e0e2087b3efad83c", "roster": "9fd26bd6936fe7bd", "account_name": "7478c084d5bbb4ca e0e2087b3efad83c"}','2027-02-25 09:00:00.000000');
INSERT INTO "identities" VALUES('127.0.0.1:4290','id:p8',9,'lea','email','2027-02-25 09:00:00.000000','{"external_id": "9b85c0828dcfbc88", "email": "cd3f6bd6faff3e31", "name": "020dc2295b4ca69a ccb1ef5715f0cf9e", "roster": "9af0776942e1c2a0", "account_name": "020dc2295b4ca69a ccb1ef5715f0cf9e"}','2027-02-25 09:00:00.000000');
INSERT INTO "identities" VALUES('127.0.0.1:4290','id:p9',10,'ida','email','2027-02-25 09:00:00.000000','{"external_id": "26148c43a19c95f0", "email": "ebb04c0ee85f2fc3", "name": "bb6b24bf13999272 d0e65d756b3c7e2e", "roster": "27e4bc9186d53007", "account_name": "bb6b24bf13999272 d0e65d756b3c7e2e"}','2027-02-25 09:00:00.000000');
INSERT INTO "identities" VALUES('127.0.0.1:4290','id:p10',11,'jan','email','2027-02-25 09:00:00.000000','{"external_id": "8860646b40f17b10", "email": "a3ff11319b5ef6b1", "name": "6a0ac0fd972c325d fe172faafa8c9622", "roster": "37a3803bece55ae2", "account_name": "6a0ac0fd972c325d fe172faafa8c9622"}','2027-02-25 09:00:00.000000');
INSERT INTO "identities" VALUES('127.0.0.1:4290','id:p11',12,'kim','email','2027-02-25 09:00:00.000000','{"external_id": "274c9ccdd7cc9ac3", "email": "1b8d24966640ed8b", "name": "26ae784d194a5760 65e2d70166c9a802", "roster": "b732048def81c80b", "account_name": "26ae784d194a5760 65e2d70166c9a802"}','2027-02-25 09:00:00.000000');
INSERT INTO "identities" VALUES('127.0.0.1:4290','id:p13',14,'rita','email','2027-02-25 09:00:00.000000','{"external_id": "dc9251edd5241fd4", "email": "a81c44911051110f", "name": "a5822a8c8b00deb9 c5420b43786b20f6", "roster": "da54ed62e3155a63", "account_name": "a5822a8c8b00deb9 c5420b43786b20f6"}','2027-02-25 09:00:00.000000');
INSERT INTO "identities" VALUES('127.0.0.1:4290','id:p14',15,'sam','email','2027-02-25 09:00:00.000000','{"external_id": "b11e9a1a5e0b8e53", "email": "22e7ba7a5786d8fb", "name": "e96e02d8e47f2a7c f79d7d24558304d8", "roster": "bdabf23da4a10d65", "account_name": "e96e02d8e47f2a7c f79d7d24558304d8"}','2027-02-25 09:00:00.000000');
INSERT INTO "identities" VALUES('127.0.0.1:4290','id:p15',16,'tom','email','2027-02-25 09:00:00.000000','{"external_id": "839dcfec1c9ef899", "email": "0770fa44e4ec997f", "name": "7e36dcc685af92be e1608f75c5d7813f", "roster": "b398ac0aa82efdc9", "account_name": "7e36dcc685af92be e1608f75c5d7813f"}','2027-02-25 09:00:00.000000');
INSERT INTO "identities" VALUES('127.0.0.1:4290','mail:olga@example.org',13,'olga','email','2027-02-26 09:00:00.000000','{"email": "0450de3d14dfa2d0", "name": "3fa987493ca3ccfc db1c3f9da1916da8", "roster": "eda8f7dc78f549b9", "account_name": "3fa987493ca3ccfc db1c3f9da1916da8"}','2027-02-25 09:00:00.000000');
INSERT INTO "identities" VALUES('127.0.0.1:4290','id:p3',4,'cleo','email','2027-02-28 08:00:00.000000','{"external_id": "43bb00d0ce7790a5", "email": "5ae22dc1c344cf93", "name": "65fa568dbbc05b13 cbdd10d72000b3a4", "roster": "9ab080c58ee25c45", "account_name": "65fa568dbbc05b13 cbdd10d72000b3a4"}','2027-02-25 09:00:00.000000');
CREATE TABLE invitations (
	forum VARCHAR(255) NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	person VARCHAR(255) NOT NULL, 
	group_name VARCHAR(40) NOT NULL, 
	email TEXT NOT NULL, 
	invite_id INTEGER, 
	state VARCHAR(12) NOT NULL, 
	reason TEXT NOT NULL, 
	reminders INTEGER NOT NULL, 
	run VARCHAR(40) NOT NULL, 
	invited_at DATETIME, 
	reminded_at DATETIME, 
	expires_at DATETIME, 
	at DATETIME NOT NULL, groups JSON DEFAULT '[]' NOT NULL, 
	PRIMARY KEY (forum, cohort, person)
);
INSERT INTO "invitations" VALUES('127.0.0.1:4290','spring','id:p90','spring','nora@example.org',1,'invited','',1,'sync-20270305T100000-41e90e81','2027-02-25 09:00:00.000000','2027-03-05 10:00:00.000000','2027-04-04 10:00:00.000000','2027-03-05 10:00:00.000000','["spring"]');
CREATE TABLE ledger (
	"key" VARCHAR(50) NOT NULL, 
	forum VARCHAR(255) NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	playbook VARCHAR(80) NOT NULL, 
	step VARCHAR(80) NOT NULL, 
	slot DATETIME NOT NULL, 
	part VARCHAR(40) NOT NULL, 
	action VARCHAR(20) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	payload JSON NOT NULL, 
	result JSON NOT NULL, 
	reason TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, to_learner INTEGER, sent_at DATETIME, not_before DATETIME, 
	PRIMARY KEY ("key")
);
INSERT INTO "ledger" VALUES('lcm-spring-desk-591d6a92f93ff53c','127.0.0.1:4290','spring','','by-message','2027-03-01 09:00:00.000000','','message','done','{"kind": "message", "raw": "What I know of the cohort, for its LCMs. I keep it up to date here, without a notification. As of Monday 1\u00a0March, 09:00.\n\n## Waits for your decision\n\nNothing.\n\n## Who needs a hand\n\nNobody stands out.\n\n## This week\n\n- Nobody has written since Monday.\n- Tuesday 2\u00a0March, 09:00: Task\n- Wednesday 3\u00a0March, 11:00: A mail to managers\n- Thursday 4\u00a0March, 10:00: Conversations in pairs\n\n## Open questions\n\nNo question has been open for two days.", "reason": "the desk", "part": "", "title": "Spring: your desk", "recipients": ["spring-lcm"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [], "refs": ["lcm:desk"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "by-message", "category_id": 0, "cohort_name": "spring", "playbook": "", "step": "by-message", "slot": "2027-03-01T09:00:00+00:00", "position": 0}','{"topic_id": 25, "post_id": 26}','',0,'2027-03-01 09:00:00.000000','2027-03-01 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-hello-20270301-42c0f3820a3c','127.0.0.1:4290','spring','ours','hello','2027-03-01 09:00:00.000000','','topic','done','{"kind": "topic", "raw": "Welcome. For the next four weeks this is where we meet between sessions. Bring situations from your own team as they are. They do not have to be finished, or flattering.\n\n**What happens here**\n\n- On Mondays: one thing to try at work that week. Two minutes to read, five to answer.\n- On Fridays: what people here learned that week, with links. You can be away for a week and lose nothing.\n- Every second week: one story told in full, if its author agrees.\n\n**Your first post, today if you can**\n\nReply here with three sentences:\n\n1. Where you work, and how many people count on you.\n2. One thing that you want to do differently with them before Thursday 25\u00a0March.\n3. Something that people usually learn about you only in the second year.\n\nThen read two introductions, and answer the one whose situation is closest to yours. That may be the person you ring in a month.\n\nWhat is told here stays here. People outside this group need no name: \u201ca colleague\u201d or \u201cmy manager\u201d is enough.\n\nNot sure where something belongs, or stuck? Write to [Lea Lund](http://127.0.0.1:4290/u/lea).\n", "reason": "The playbook opens this topic at this moment.", "part": "", "title": "Spring: who we are", "recipients": [], "topic_id": null, "tags": ["hello"], "pin_days": 9, "approval": "none", "about_posts": [], "about_users": [], "refs": ["topic:welcome"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "topic", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "hello", "slot": "2027-03-01T09:00:00+00:00", "position": 0, "send_by": "2027-03-08T09:00:00+00:00", "patience": 604800.0}','{"topic_id": 26, "post_id": 27}','',0,'2027-03-01 09:00:00.000000','2027-03-01 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-hello-20270301-42c0f382-pin','127.0.0.1:4290','spring','ours','hello','2027-03-01 09:00:00.000000','pin','pin','done','{"of": "lcm-spring-hello-20270301-42c0f3820a3c", "until": "2027-03-10T09:00:00+00:00", "position": 1}','{"topic_id": 26}','',0,'2027-03-01 09:00:00.000000','2027-03-01 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-ask-20270301-3c80649fba82','127.0.0.1:4290','spring','ours','ask','2027-03-01 09:00:00.000000','','topic','done','{"kind": "topic", "raw": "Think of the last time your feedback landed badly. What was the first sentence you said? Post that sentence as you said it, and the one you would open with today. If you can say it to the same colleague this week, do, and tell us what came back.\n\n**Why it is worth five minutes.** The first ten seconds decide whether the rest is heard, and we are the last to hear how ours sound.\n\nA few lines are enough, and your phone will do. Then read one answer that is not yours, and ask its author something.\n", "reason": "The next prompt of the deck; three are left after it.", "part": "", "title": "Spring, week 1: The sentence you opened with", "recipients": [], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [], "refs": ["prompt", "prompt:apply-it/first-sentence"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "prompt", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "ask", "slot": "2027-03-01T09:00:00+00:00", "position": 0, "send_by": "2027-03-08T09:00:00+00:00", "patience": 604800.0}','{"topic_id": 27, "post_id": 29}','',0,'2027-03-01 09:00:00.000000','2027-03-01 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-plan-20270301-611a4fbcba85','127.0.0.1:4290','spring','ours','plan','2027-03-01 09:00:00.000000','','topic','done','{"kind": "topic", "raw": "Choose one thing that you will do differently at work, and write it here as a plan, in a reply of two sentences:\n\n> When (a situation that is sure to come), I will (what you do or say first), on (which day). (Somebody at work) will see it, or hear about it from me.\n\nAn example: \u201cWhen the early shift hands over on Thursday, I will ask what was left open before I say anything myself. A colleague from the early shift will tell me how it looked.\u201d A plan with a day and a witness is carried out far more often than a good intention.\n\nOn the morning after your day, a message to you alone brings back your own words and asks what became of them. A tap or a line is enough. Some weeks later it comes back once more, and then never again. If the plan changes before its day, change your reply; if you delete it, nobody asks.\n\nNothing comes to mind? Tell [Lea Lund](http://127.0.0.1:4290/u/lea) what you do on an ordinary Tuesday; there is always something in it.\n", "reason": "Everybody is asked for a plan of their own, with a day and a witness.", "part": "", "title": "Spring: one thing, one day, one witness", "recipients": [], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [], "refs": ["commitment", "topic:commitment"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "commitment", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "plan", "slot": "2027-03-01T09:00:00+00:00", "position": 0, "send_by": "2027-03-08T09:00:00+00:00", "patience": 604800.0}','{"topic_id": 28, "post_id": 30}','',0,'2027-03-01 09:00:00.000000','2027-03-01 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-summer-hello-20270301-cb9b35b2a150','127.0.0.1:4290','summer','ours','hello','2027-03-01 08:00:00.000000','','topic','done','{"kind": "topic", "raw": "Bienvenue. Pendant six semaines, c\u2019est ici que nous nous retrouverons entre les s\u00e9ances. Apportez des situations de votre \u00e9quipe, telles qu\u2019elles sont\u00a0: inutile qu\u2019elles soient abouties ou flatteuses.\n\n**Ce qui vous attend**\n\n- Le lundi, une chose \u00e0 essayer au travail dans la semaine. Deux minutes pour la lire, cinq pour r\u00e9pondre.\n- Le vendredi, ce que le groupe a appris dans la semaine, avec les liens. Vous pouvez vous absenter une semaine sans rien perdre.\n- Une semaine sur deux, l\u2019exp\u00e9rience de l\u2019un ou l\u2019une d\u2019entre vous, racont\u00e9e en entier, avec son accord.\n\n**Votre premier message, aujourd\u2019hui si possible**\n\nR\u00e9pondez ici en trois phrases\u00a0:\n\n1. O\u00f9 vous travaillez, et combien de personnes comptent sur vous.\n2. Ce que vous voulez faire autrement avec elles d\u2019ici au vendredi 9\u00a0avril.\n3. Ce qu\u2019on n\u2019apprend de vous, d\u2019habitude, qu\u2019au bout d\u2019un an.\n\nLisez ensuite deux pr\u00e9sentations, et r\u00e9pondez \u00e0 celle dont la situation ressemble le plus \u00e0 la v\u00f4tre. C\u2019est peut-\u00eatre la personne que vous appellerez dans un mois.\n\nCe qui se raconte ici reste ici. Les personnes ext\u00e9rieures au groupe n\u2019ont pas besoin de nom\u00a0: \u00ab\u00a0une coll\u00e8gue\u00a0\u00bb, \u00ab\u00a0mon responsable\u00a0\u00bb suffisent.\n\nUn doute, un blocage\u00a0? \u00c9crivez \u00e0 [Lea Lund](http://127.0.0.1:4290/u/lea).\n", "reason": "Le parcours ouvre ce sujet \u00e0 ce moment.", "part": "", "title": "\u00c9t\u00e9\u00a0: qui nous sommes", "recipients": [], "topic_id": null, "tags": ["hello"], "pin_days": 9, "approval": "none", "about_posts": [], "about_users": [], "refs": ["topic:welcome"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "topic", "category_id": 6, "cohort_name": "\u00c9t\u00e9", "playbook": "ours", "step": "hello", "slot": "2027-03-01T08:00:00+00:00", "position": 0, "send_by": "2027-03-08T08:00:00+00:00", "patience": 604800.0}','{"topic_id": 29, "post_id": 31}','',0,'2027-03-01 09:00:00.000000','2027-03-01 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-summer-hello-20270301-cb9b35b2-pin','127.0.0.1:4290','summer','ours','hello','2027-03-01 08:00:00.000000','pin','pin','done','{"of": "lcm-summer-hello-20270301-cb9b35b2a150", "until": "2027-03-10T09:00:00+00:00", "position": 1}','{"topic_id": 29}','',0,'2027-03-01 09:00:00.000000','2027-03-01 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-summer-ask-20270301-c1731b2e434d','127.0.0.1:4290','summer','ours','ask','2027-03-01 08:00:00.000000','','topic','done','{"kind": "topic", "raw": "Repensez \u00e0 la derni\u00e8re fois o\u00f9 un retour que vous faisiez est mal pass\u00e9. Quelle a \u00e9t\u00e9 votre premi\u00e8re phrase\u00a0? \u00c9crivez-la ici telle quelle, puis celle par laquelle vous commenceriez aujourd\u2019hui. Si vous pouvez la dire au m\u00eame coll\u00e8gue ou \u00e0 la m\u00eame coll\u00e8gue cette semaine, faites-le, et racontez-nous la suite.\n\n**Pourquoi y passer cinq minutes.** Tout se joue dans les dix premi\u00e8res secondes, et ce sont celles o\u00f9 l\u2019on s\u2019\u00e9coute le moins.\n\nQuelques lignes suffisent, depuis votre t\u00e9l\u00e9phone si vous voulez. Lisez ensuite une r\u00e9ponse qui n\u2019est pas la v\u00f4tre, et posez une question \u00e0 la personne qui l\u2019a \u00e9crite.\n", "reason": "La question suivante de la s\u00e9rie\u00a0; il en reste trois apr\u00e8s elle.", "part": "", "title": "\u00c9t\u00e9, semaine 1\u00a0: Votre premi\u00e8re phrase", "recipients": [], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [], "refs": ["prompt", "prompt:apply-it/first-sentence"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "prompt", "category_id": 6, "cohort_name": "\u00c9t\u00e9", "playbook": "ours", "step": "ask", "slot": "2027-03-01T08:00:00+00:00", "position": 0, "send_by": "2027-03-08T08:00:00+00:00", "patience": 604800.0}','{"topic_id": 30, "post_id": 33}','',0,'2027-03-01 09:00:00.000000','2027-03-01 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-task-20270302-ddf6661c6287','127.0.0.1:4290','spring','ours','task','2027-03-02 09:00:00.000000','','topic','done','{"kind": "topic", "raw": "Before **Sunday 21\u00a0March, 18:00**, choose one conversation that you have been putting off at work, and have it. Then write half a page here, in a reply to this topic:\n\n1. What you wanted to say, in one sentence, as you had it in your head beforehand.\n2. What you said first, word for word if you still have it.\n3. What the other person did with it, and what you agreed on.\n\nWriting takes about 30 minutes. The person you spoke to needs no name: \u201ca colleague\u201d is enough. A conversation that went badly is worth as much here as one that went well.\n\nIs that day impossible for you, or does no conversation come to mind? Write to [Lea Lund](http://127.0.0.1:4290/u/lea) before it.\n", "reason": "The playbook gives this task at this moment; it is due Sunday 21\u00a0March, 18:00.", "part": "", "title": "Spring: half a page on one conversation", "recipients": [], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [], "refs": ["assignment", "topic:assignment"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "assignment", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "task", "slot": "2027-03-02T09:00:00+00:00", "position": 0, "send_by": "2027-03-09T09:00:00+00:00", "patience": 604800.0}','{"topic_id": 31, "post_id": 35}','',0,'2027-03-02 09:00:00.000000','2027-03-02 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-tell-managers-20270303-31d05b371b9c','127.0.0.1:4290','spring','ours','tell-managers','2027-03-03 11:00:00.000000','to-manager-27b745b2e923','mail','done','{"kind": "mail", "raw": "Hello Bea Boss,\n\nSpring is in week 1, and this is when good intentions meet full calendars. The group now tries out at work what it has talked about, and some of it will be clumsy at first.\n\n- **One thing to ask**: \u201cWhat did you try, and what got in the way?\u201d\n- **One thing to offer**: a real occasion to try it out: a meeting to lead, or a task to hand over whole.\n- **One thing not to do**: please do not judge the first attempt. The second one is the one that counts.\n\nIs there time for that in the next few weeks? One click, or one word in reply, is enough:\n\n- [Yes, there is time](lcm:yes)\n- [Not yet](lcm:not-yet)\n- [Let us talk](lcm:talk)\n\nFive minutes in the corridor are enough. If you would rather talk first, reply to this mail: your reply reaches Lea Lund.\n\n---\n\nYou get this mail as the manager of Ana Almeida and Ben Brandt. [No more of these mails](lcm:stop)\n", "reason": "Mail to Bea Boss, manager of Ana Almeida and Ben Brandt.", "part": "to-manager-27b745b2e923", "title": "Ana Almeida and Ben Brandt: five minutes that help now", "recipients": ["Bea Boss <bea@example.org>"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [2, 3], "refs": ["briefing", "briefing:during", "to-manager", "while-in:spring", "asks"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "en", "translations": [], "not_after": "2027-03-13T11:00:00+00:00", "play": "brief_manager", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "tell-managers", "slot": "2027-03-03T11:00:00+00:00", "position": 0, "send_by": "2027-03-10T11:00:00+00:00", "patience": 604800.0}','{}','',0,'2027-03-03 11:00:00.000000','2027-03-03 11:00:00.000000',NULL,'2027-03-03 11:00:00.000000',NULL);
INSERT INTO "ledger" VALUES('lcm-spring-talk-20270304-b09e439e10f2','127.0.0.1:4290','spring','ours','talk','2027-03-04 10:00:00.000000','with-2-0','message','done','{"kind": "message", "raw": "[forgotten]", "reason": "Ana Almeida and [forgotten] have not answered each other here so far.", "part": "with-2-8", "title": "[forgotten]", "recipients": ["ana", "[forgotten]"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [2], "refs": ["pair", "together", "while-in:spring", "question:in-pairs/stopped-doing"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": "2027-03-07T12:30:00+00:00", "play": "pair", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "talk", "slot": "2027-03-04T10:00:00+00:00", "position": 0, "send_by": "2027-03-11T10:00:00+00:00", "patience": 604800.0}','{"topic_id": 32, "post_id": 36}','[forgotten]',0,'2027-03-04 10:00:00.000000','2027-03-04 10:00:00.000000',NULL,'2027-03-04 10:00:00.000000',NULL);
INSERT INTO "ledger" VALUES('lcm-spring-talk-20270304-57281df42762','127.0.0.1:4290','spring','ours','talk','2027-03-04 10:00:00.000000','with-3-16','message','done','{"kind": "message", "raw": "Ben Brandt and Tom Thal, in half an hour of talk you hear how somebody else does what you do every day, and what they gave up on. So far you have hardly crossed paths here.\n- [Ben Brandt](http://127.0.0.1:4290/u/ben)\n- [Tom Thal](http://127.0.0.1:4290/u/tom)\n\n**A question to begin with.** What did you do every week two years ago that you do not do any more? Who noticed?\n\nWhat we stopped says more about how we work than what we began, and hardly anybody asks.\n\n**A first suggestion:** Sunday 7\u00a0March, 12:30, by phone or on screen. If that does not suit, name two other times here. Take the first that works.\n\nIf you would rather not be brought together with others, tell [Lea Lund](http://127.0.0.1:4290/u/lea), and that is settled.\n", "reason": "Ben Brandt and Tom Thal have not answered each other here so far.", "part": "with-3-16", "title": "Ben Brandt and Tom Thal: half an hour to talk", "recipients": ["ben", "tom"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [3, 16], "refs": ["pair", "together", "while-in:spring", "question:in-pairs/stopped-doing"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": "2027-03-07T12:30:00+00:00", "play": "pair", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "talk", "slot": "2027-03-04T10:00:00+00:00", "position": 2, "send_by": "2027-03-11T10:00:00+00:00", "patience": 604800.0}','{"topic_id": 33, "post_id": 37}','',0,'2027-03-04 10:00:00.000000','2027-03-04 10:00:00.000000',NULL,'2027-03-04 10:00:00.000000',NULL);
INSERT INTO "ledger" VALUES('lcm-spring-talk-20270304-3a9993a7d3e7','127.0.0.1:4290','spring','ours','talk','2027-03-04 10:00:00.000000','with-4-7','message','done','{"kind": "message", "raw": "Cleo Costa and Finn Faber, in half an hour of talk you hear how somebody else does what you do every day, and what they gave up on. So far you have hardly crossed paths here.\n- [Cleo Costa](http://127.0.0.1:4290/u/cleo)\n- [Finn Faber](http://127.0.0.1:4290/u/finn)\n\n**A question to begin with.** What did you do every week two years ago that you do not do any more? Who noticed?\n\nWhat we stopped says more about how we work than what we began, and hardly anybody asks.\n\n**A first suggestion:** Sunday 7\u00a0March, 12:30, by phone or on screen. If that does not suit, name two other times here. Take the first that works.\n\nIf you would rather not be brought together with others, tell [Lea Lund](http://127.0.0.1:4290/u/lea), and that is settled.\n", "reason": "Cleo Costa and Finn Faber have not answered each other here so far.", "part": "with-4-7", "title": "Cleo Costa and Finn Faber: half an hour to talk", "recipients": ["cleo", "finn"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [4, 7], "refs": ["pair", "together", "while-in:spring", "question:in-pairs/stopped-doing"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": "2027-03-07T12:30:00+00:00", "play": "pair", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "talk", "slot": "2027-03-04T10:00:00+00:00", "position": 4, "send_by": "2027-03-11T10:00:00+00:00", "patience": 604800.0}','{"topic_id": 34, "post_id": 38}','',0,'2027-03-04 10:00:00.000000','2027-03-04 10:00:00.000000',NULL,'2027-03-04 10:00:00.000000',NULL);
INSERT INTO "ledger" VALUES('lcm-spring-talk-20270304-3dc4b65762d9','127.0.0.1:4290','spring','ours','talk','2027-03-04 10:00:00.000000','with-5-6-15','message','done','{"kind": "message", "raw": "Dora Dahl, Eva Engel and Sam Sand, in half an hour of talk you hear how somebody else does what you do every day, and what they gave up on. So far you have hardly crossed paths here.\n- [Dora Dahl](http://127.0.0.1:4290/u/dora)\n- [Eva Engel](http://127.0.0.1:4290/u/eva)\n- [Sam Sand](http://127.0.0.1:4290/u/sam)\n\n**A question to begin with.** What did you do every week two years ago that you do not do any more? Who noticed?\n\nWhat we stopped says more about how we work than what we began, and hardly anybody asks.\n\n**A first suggestion:** Sunday 7\u00a0March, 12:30, by phone or on screen. If that does not suit, name two other times here. Take the first that works.\n\nIf you would rather not be brought together with others, tell [Lea Lund](http://127.0.0.1:4290/u/lea), and that is settled.\n", "reason": "Dora Dahl, Eva Engel and Sam Sand have not answered each other here so far.", "part": "with-5-6-15", "title": "Dora Dahl, Eva Engel and Sam Sand: half an hour to talk", "recipients": ["dora", "eva", "sam"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [5, 6, 15], "refs": ["pair", "together", "while-in:spring", "question:in-pairs/stopped-doing"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": "2027-03-07T12:30:00+00:00", "play": "pair", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "talk", "slot": "2027-03-04T10:00:00+00:00", "position": 6, "send_by": "2027-03-11T10:00:00+00:00", "patience": 604800.0}','{"topic_id": 35, "post_id": 39}','',0,'2027-03-04 10:00:00.000000','2027-03-04 10:00:00.000000',NULL,'2027-03-04 10:00:00.000000',NULL);
INSERT INTO "ledger" VALUES('lcm-spring-talk-20270304-8c70eca66115','127.0.0.1:4290','spring','ours','talk','2027-03-04 10:00:00.000000','with-13-14','message','done','{"kind": "message", "raw": "Olga Orth and Rita Roth, in half an hour of talk you hear how somebody else does what you do every day, and what they gave up on. So far you have hardly crossed paths here.\n- [Olga Orth](http://127.0.0.1:4290/u/olga)\n- [Rita Roth](http://127.0.0.1:4290/u/rita)\n\n**A question to begin with.** What did you do every week two years ago that you do not do any more? Who noticed?\n\nWhat we stopped says more about how we work than what we began, and hardly anybody asks.\n\n**A first suggestion:** Sunday 7\u00a0March, 12:30, by phone or on screen. If that does not suit, name two other times here. Take the first that works.\n\nIf you would rather not be brought together with others, tell [Lea Lund](http://127.0.0.1:4290/u/lea), and that is settled.\n", "reason": "Olga Orth and Rita Roth have not answered each other here so far.", "part": "with-13-14", "title": "Olga Orth and Rita Roth: half an hour to talk", "recipients": ["olga", "rita"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [13, 14], "refs": ["pair", "together", "while-in:spring", "question:in-pairs/stopped-doing"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": "2027-03-07T12:30:00+00:00", "play": "pair", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "talk", "slot": "2027-03-04T10:00:00+00:00", "position": 8, "send_by": "2027-03-11T10:00:00+00:00", "patience": 604800.0}','{"topic_id": 36, "post_id": 40}','',0,'2027-03-04 10:00:00.000000','2027-03-04 10:00:00.000000',NULL,'2027-03-04 10:00:00.000000',NULL);
INSERT INTO "ledger" VALUES('lcm-spring-plan-20270301-76171b88b82d','127.0.0.1:4290','spring','ours','plan','2027-03-07 09:00:00.000000','ask-34-270306','message','done','{"kind": "message", "raw": "Ana Almeida, Saturday 6\u00a0March was the day that you chose. You wrote:\n\n[quote=\"ana, post:2, topic:28\"]\nWhen the late shift comes on Saturday, I will ask first. Ben will hear it.\n[/quote]\n\nWhat became of it? One tap below is enough. A reply works too: **Yes, I did it**, **No, not yet** or **My plan changed**.\n\nLea Lund can see which of the three it is. Nobody else is told.\n\n[poll name=outcome type=regular results=always public=true]\n* Did it\n* Not yet\n* Changed\n[/poll]\n", "reason": "The day for the plan of Ana Almeida is over: Saturday 6\u00a0March.", "part": "ask-34-270306", "title": "Spring: what became of your plan?", "recipients": ["ana"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [34], "about_users": [2], "refs": ["commitment", "commitment-ask", "while-in:spring"], "citations": [{"use": "own", "topic_id": 28, "title": "", "post_id": 34, "number": 2, "user_id": 2, "username": "ana", "name": "Ana Almeida", "passages": ["When the late shift comes on Saturday, I will ask first.", "Ben will hear it."], "pieces": []}], "signed": [], "to_learner": 2, "answers_learner": false, "precedence": 1, "locale": "", "translations": [], "not_after": null, "play": "commitment", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "plan", "slot": "2027-03-07T09:00:00+00:00", "position": 0, "follow_up": "ask", "follows": "2027-03-01T09:00:00+00:00", "send_by": "2027-03-21T09:00:00+00:00", "patience": 1209600.0}','{"topic_id": 38, "post_id": 44}','',0,'2027-03-07 09:00:00.000000','2027-03-07 09:00:00.000000',2,'2027-03-07 09:00:00.000000',NULL);
INSERT INTO "ledger" VALUES('lcm-summer-more-20270309-00eb6dd74809','127.0.0.1:4290','summer','ours','more','2027-03-09 08:00:00.000000','','topic','failed','{"kind": "topic", "raw": "Quelle d\u00e9cision allez-vous d\u00e9l\u00e9guer cette semaine, \u00e0 quelle fonction dans votre \u00e9quipe, et que ferez-vous si elle vous revient\u00a0? \u00c9crivez vos trois r\u00e9ponses ici avant d\u2019en parler \u00e0 la personne. Revenez vendredi nous dire ce qui s\u2019est pass\u00e9.\n\n**Pourquoi y passer cinq minutes.** C\u2019est quand la d\u00e9cision revient qu\u2019on la reprend. Autant avoir pr\u00e9par\u00e9 sa r\u00e9ponse.\n\nTrois phrases suffisent. Si une r\u00e9ponse vous surprend, dites ce que vous auriez fait.\n", "reason": "La question suivante de la s\u00e9rie\u00a0; il en reste deux apr\u00e8s elle.", "part": "", "title": "\u00c9t\u00e9, semaine 2\u00a0: Une d\u00e9cision \u00e0 confier", "recipients": [], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [], "refs": ["prompt", "prompt:apply-it/one-decision"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "prompt", "category_id": 6, "cohort_name": "\u00c9t\u00e9", "playbook": "ours", "step": "more", "slot": "2027-03-09T08:00:00+00:00", "position": 0, "send_by": "2027-03-16T08:00:00+00:00", "patience": 604800.0}','{}','http://127.0.0.1:4290/posts.json: the forum answered 422: Body is limited to 100 characters; you entered 446. Change what the forum names, then try again.',1,'2027-03-09 08:30:00.000000','2027-03-09 08:30:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-more-20270309-b4e6d3c2bf6c','127.0.0.1:4290','spring','ours','more','2027-03-09 09:00:00.000000','','topic','done','{"kind": "topic", "raw": "Which decision will you delegate this week, to which role in your team, and what will you do if it comes back to you? Write your three answers here before you hand it over. Then let go of it until Friday, and tell us what happened.\n\n**Why it is worth five minutes.** It is when the decision comes back that most of us take it back. It helps to have the answer ready.\n\nThree sentences will do. If somebody\u2019s answer surprises you, say what you would have done.\n", "reason": "The next prompt of the deck; two are left after it.", "part": "", "title": "Spring, week 2: One decision that need not be yours", "recipients": [], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [], "refs": ["prompt", "prompt:apply-it/one-decision"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "prompt", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "more", "slot": "2027-03-09T09:00:00+00:00", "position": 0, "send_by": "2027-03-16T09:00:00+00:00", "patience": 604800.0}','{"topic_id": 40, "post_id": 48}','',0,'2027-03-09 09:00:00.000000','2027-03-09 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-may-i-20270309-281729523345','127.0.0.1:4290','spring','ours','may-i','2027-03-09 10:00:00.000000','ask-46','message','done','{"kind": "message", "raw": "Cleo Costa, others could use what you wrote: you say what you tried and what came of it. I would like to show it to them, and I will not do so without your yes.\n\nThis is all that would appear, word for word:\n\n---\n\n### Cleo Costa: \u201cOn Monday I tried to let each person say one thing\u201d\n\nOn Monday 8\u00a0March, Cleo Costa wrote in [What worked in our Monday round](http://127.0.0.1:4290/t/what-worked-in-our-monday-round/39):\n\n[quote=\"cleo, post:1, topic:39\"]\nBefore, our Monday round took an hour and nobody listened. On Monday I tried to let each person say one thing. It worked: we were done in twenty minutes, and two problems were solved on the spot.\n[/quote]\n\nOne person liked it and one replied.\n\nIf you try something like it, tell Cleo Costa below how it went, and what was different in your case.\n\n*Shown with the author\u2019s consent.*\n\n---\n\nIt would be a topic of its own in Spring, which 12\u00a0people can read.\n\nMay I? To agree, answer **Yes, you may show it**. The answer **No, please do not show it** is just as good and needs no reason. If I hear nothing, I leave your post where it is.\n\nIf something should change first, say so here: you would see the new text before anybody else. And a yes can be taken back here at any time. Then the story comes down.\n\nLea Lund\n\n*Sent from the assistant\u2019s account. I read and answer here.*\n", "reason": "Cleo Costa: The post tells what was tried and what came of it, with a figure. One person liked it and one replied.", "part": "ask-46", "title": "Spring: may I show your post?", "recipients": ["cleo", "lea"], "topic_id": null, "tags": [], "pin_days": null, "approval": "lcm", "about_posts": [46], "about_users": [4], "refs": ["consent", "words:1823e31e108e576f"], "citations": [{"use": "quote", "topic_id": 39, "title": "What worked in our Monday round", "post_id": 46, "number": 1, "user_id": 4, "username": "cleo", "name": "Cleo Costa", "passages": ["Before, our Monday round took an hour and nobody listened.", "On Monday I tried to let each person say one thing.", "It worked: we were done in twenty minutes, and two problems were solved on the spot.", "On Monday I tried to let each person say one thing."], "pieces": []}], "signed": ["Lea Lund"], "to_learner": 4, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "consent", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "may-i", "slot": "2027-03-09T10:00:00+00:00", "position": 0, "send_by": "2027-03-12T11:00:00+00:00", "patience": 259200.0}','{"topic_id": 41, "post_id": 49}','',0,'2027-03-09 11:00:00.000000','2027-03-09 11:00:00.000000',4,'2027-03-09 11:00:00.000000',NULL);
INSERT INTO "ledger" VALUES('lcm-summer-told-20270310-cec9c2e9900f','127.0.0.1:4290','summer','ours','told','2027-03-10 09:00:00.000000','desk','message','done','{"kind": "message", "raw": "Il n\u2019y a pas de r\u00e9cit \u00e0 publier aujourd\u2019hui\u00a0: personne n\u2019a donn\u00e9 son accord.\n\nIl n\u2019y a personne \u00e0 solliciter\u00a0: aucun message r\u00e9cent ne dit \u00e0 la fois ce qui a \u00e9t\u00e9 essay\u00e9 et ce qui en est sorti, avec un \u00e9cho dans le groupe.\n\nMa proposition\u00a0: si vous avez entendu parler de quelque chose qui a march\u00e9, demandez qu\u2019on le raconte dans la cat\u00e9gorie. Je regarderai de nouveau \u00e0 la prochaine date.\n\nJe ne reviendrai pas sur ce point avant le prochain r\u00e9cit. Aucune r\u00e9ponse n\u2019est attendue ici.\n", "reason": "Aucune r\u00e9ussite n\u2019a encore l\u2019accord de la personne qui l\u2019a \u00e9crite.", "part": "desk", "title": "\u00c9t\u00e9\u00a0: pas de r\u00e9cit cette fois", "recipients": ["summer-lcm"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [], "refs": ["desk:no-story"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "story", "category_id": 6, "cohort_name": "\u00c9t\u00e9", "playbook": "ours", "step": "told", "slot": "2027-03-10T09:00:00+00:00", "position": 0, "send_by": "2027-03-13T09:00:00+00:00", "patience": 259200.0}','{"topic_id": 42, "post_id": 51}','',0,'2027-03-10 09:00:00.000000','2027-03-10 09:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-choice-a546853131ea1fea','127.0.0.1:4290','spring','','by-message','2027-03-10 10:00:00.000000','','reply','done','{"kind": "reply", "raw": "I will not write to you any more when you have been quiet. \u201cStart again\u201d brings it back.", "reason": "answer to a choice", "part": "", "title": null, "recipients": [], "topic_id": 43, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [6], "refs": ["lcm:answer"], "citations": [], "signed": [], "to_learner": 6, "answers_learner": true, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "by-message", "category_id": 0, "cohort_name": "spring", "playbook": "", "step": "by-message", "slot": "2027-03-10T10:00:00+00:00", "position": 0}','{"topic_id": 43, "post_id": 53}','',0,'2027-03-10 10:00:00.000000','2027-03-10 10:00:00.000000',6,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-told-20270310-c41332b19bb0','127.0.0.1:4290','spring','ours','told','2027-03-10 10:00:00.000000','desk','message','done','{"kind": "message", "raw": "There is no story to post today, because no author has said yes to one.\n\nNobody is left to ask: no recent post says both what was tried and what came of it, and was taken up by others.\n\nWhat I propose: if you have heard of something that worked, ask for it to be posted in the category. I will look again at the next date.\n\nI will not write about this again until there has been a story. Nothing to answer here.\n", "reason": "No story has its author\u2019s consent yet.", "part": "desk", "title": "Spring: no story this time", "recipients": ["spring-lcm"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [], "refs": ["desk:no-story"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "story", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "told", "slot": "2027-03-10T10:00:00+00:00", "position": 0, "send_by": "2027-03-13T10:00:00+00:00", "patience": 259200.0}','{"topic_id": 44, "post_id": 54}','',0,'2027-03-10 10:00:00.000000','2027-03-10 10:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-meet-20270321-244c246023a5','127.0.0.1:4290','spring','ours','meet','2027-03-14 16:00:00.000000','','topic','done','{"kind": "topic", "raw": "[date-range from=2027-03-21T16:00:00 to=2027-03-21T17:00:00 timezone=\"UTC\"]\n\nAllow 60 minutes; most of it goes to what you bring. Come with one situation from your own work that you have not solved: who was there, what you tried, what happened next. Two sentences in your head are enough; nobody prepares slides.\n\nIs there something that the session has to answer for you? Write it below, so that it is on the table when we start.\n\nIf you cannot come, a line to [Lea Lund](http://127.0.0.1:4290/u/lea) is enough.\n", "reason": "The session is on Sunday 21\u00a0March, 16:00\u201317:00 (UTC).", "part": "", "title": "Spring: we meet on Sunday 21\u00a0March", "recipients": [], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [], "refs": ["session", "starts:2027-03-21T16:00:00+00:00"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": "2027-03-21T16:00:00+00:00", "play": "session", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "meet", "slot": "2027-03-14T16:00:00+00:00", "position": 0, "follow_up": "announce", "follows": "2027-03-21T16:00:00+00:00", "send_by": "2027-03-21T16:00:00+00:00", "patience": 604800.0}','{"topic_id": 46, "post_id": 56}','',0,'2027-03-15 10:00:00.000000','2027-03-15 10:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-may-i-20270316-a0269f1eced2','127.0.0.1:4290','spring','ours','may-i','2027-03-16 10:00:00.000000','ask-57','message','done','{"kind": "message", "raw": "Ana Almeida, others could use what you wrote: you say what you tried and what came of it. I would like to show it to them, and I will not do so without your yes.\n\nThis is all that would appear, word for word:\n\n---\n\n### Ana Almeida tried reading the list aloud before anybody left\n\nOn Monday 15\u00a0March, Ana Almeida wrote in [What worked at our hand-over](http://127.0.0.1:4290/t/what-worked-at-our-hand-over/47):\n\n[quote=\"ana, post:1, topic:47\"]\nOur hand-over used to lose half of the questions. Last week I tried reading the list aloud before anybody left. It worked: we had two calls back instead of seven, and nobody stayed late.\n[/quote]\n\nOne person liked it and one replied.\n\nIf you try something like it, tell Ana Almeida below how it went, and what was different in your case.\n\n*Shown with the author\u2019s consent.*\n\n---\n\nIt would be a topic of its own in Spring, which 11\u00a0people can read.\n\nMay I? To agree, answer **Yes, you may show it**. The answer **No, please do not show it** is just as good and needs no reason. If I hear nothing, I leave your post where it is.\n\nIf something should change first, say so here: you would see the new text before anybody else. And a yes can be taken back here at any time. Then the story comes down.\n\nLea Lund\n\n*Sent from the assistant\u2019s account. I read and answer here.*\n", "reason": "Ana Almeida: The post tells what was tried and what came of it. One person liked it and one replied.", "part": "ask-57", "title": "Spring: may I show your post?", "recipients": ["ana", "lea"], "topic_id": null, "tags": [], "pin_days": null, "approval": "lcm", "about_posts": [57], "about_users": [2], "refs": ["consent", "words:72dca99d2f057c75"], "citations": [{"use": "quote", "topic_id": 47, "title": "What worked at our hand-over", "post_id": 57, "number": 1, "user_id": 2, "username": "ana", "name": "Ana Almeida", "passages": ["Our hand-over used to lose half of the questions.", "Last week I tried reading the list aloud before anybody left.", "It worked: we had two calls back instead of seven, and nobody stayed late.", "Last week I tried reading the list aloud before anybody left."], "pieces": []}], "signed": ["Lea Lund"], "to_learner": 2, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "consent", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "may-i", "slot": "2027-03-16T10:00:00+00:00", "position": 0, "send_by": "2027-03-19T11:00:00+00:00", "patience": 259200.0}','{"topic_id": 49, "post_id": 65}','',0,'2027-03-16 11:00:00.000000','2027-03-16 11:00:00.000000',2,'2027-03-16 11:00:00.000000',NULL);
INSERT INTO "ledger" VALUES('lcm-spring-ask-66f62a78452a2524','127.0.0.1:4290','spring','','by-message','2027-03-16 15:00:00.000000','','message','done','{"kind": "message", "raw": "Somebody wrote to me and needs an answer from a person. Reply \u201cdone 2, thank you\u201d once that is done, or \u201clater 2, thank you\u201d for next week.\n\n**2.** [ben](http://127.0.0.1:4290/u/ben) wrote to me on Tuesday 16\u00a0March, and I have not answered:\n\n> Who is responsible for the list of the late shift now?", "reason": "numbers 2", "part": "", "title": "Spring: your decision on 2", "recipients": ["spring-lcm"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [], "refs": ["lcm:ask"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "by-message", "category_id": 0, "cohort_name": "spring", "playbook": "", "step": "by-message", "slot": "2027-03-16T15:00:00+00:00", "position": 0, "numbers": [2]}','{"topic_id": 51, "post_id": 68}','',0,'2027-03-16 15:00:00.000000','2027-03-16 15:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-ask-db37b263d02e98a3','127.0.0.1:4290','spring','','by-message','2027-03-17 10:00:00.000000','','message','done','{"kind": "message", "raw": "I have written what follows, and nothing of it goes out before you say yes. One line in reply decides:\n\n> yes 4, no 5: it is too early\n\n\u201cyes all, thank you\u201d sends everything in this message. After a colon you may give a reason, up to the end of the line.\n\nSomebody wrote to me and needs an answer from a person. Reply \u201cdone 2, thank you\u201d once that is done, or \u201clater 2, thank you\u201d for next week.\n\n**2.** [ben](http://127.0.0.1:4290/u/ben) wrote to me on Tuesday 16\u00a0March, and I have not answered:\n\n> Who is responsible for the list of the late shift now?\n\n**4.** Message to rita, written on Wednesday 17\u00a0March. Rita Roth is silent while most of the others write.\n\n> **Rita Roth, one thing from Spring**\n>\n> Rita Roth, [Spring: half a page on one conversation](http://127.0.0.1:4290/t/spring-half-a-page-on-one-conversation/31) is still open. Three sentences are an answer, and rough ones are welcome.\n>\n> If this month is simply full, reply \u201clater, please\u201d, and I leave you in peace for a month. If something stands in the way, [Lea Lund](http://127.0.0.1:4290/u/lea) can help.\n\n**5.** Message to tom, written on Wednesday 17\u00a0March. Tom Thal is silent while most of the others write.\n\n> **Tom Thal, one thing from Spring**\n>\n> Tom Thal, [Spring: half a page on one conversation](http://127.0.0.1:4290/t/spring-half-a-page-on-one-conversation/31) is still open. Three sentences are an answer, and rough ones are welcome.\n>\n> If this month is simply full, reply \u201clater, please\u201d, and I leave you in peace for a month. If something stands in the way, [Lea Lund](http://127.0.0.1:4290/u/lea) can help.", "reason": "numbers 2, 4, 5", "part": "", "title": "Spring: your decision on 2, 4 and 5", "recipients": ["spring-lcm"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [], "refs": ["lcm:ask"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "by-message", "category_id": 0, "cohort_name": "spring", "playbook": "", "step": "by-message", "slot": "2027-03-17T10:00:00+00:00", "position": 0, "numbers": [2, 4, 5]}','{"topic_id": 52, "post_id": 69}','',0,'2027-03-17 10:00:00.000000','2027-03-17 10:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-told-20270317-e08c30cb300f','127.0.0.1:4290','spring','ours','told','2027-03-17 10:00:00.000000','','topic','done','{"kind": "topic", "raw": "On Monday 15\u00a0March, Ana Almeida wrote in [What worked at our hand-over](http://127.0.0.1:4290/t/what-worked-at-our-hand-over/47):\n\n[quote=\"ana, post:1, topic:47\"]\nOur hand-over used to lose half of the questions. Last week I tried reading the list aloud before anybody left. It worked: we had two calls back instead of seven, and nobody stayed late.\n[/quote]\n\nOne person liked it and one replied.\n\nIf you try something like it, tell Ana Almeida below how it went, and what was different in your case.\n\n*Shown with the author\u2019s consent.*\n", "reason": "Ana Almeida agreed to it. The post tells what was tried and what came of it. One person liked it and one replied.", "part": "", "title": "Ana Almeida tried reading the list aloud before anybody left", "recipients": [], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [57], "about_users": [2], "refs": ["story"], "citations": [{"use": "quote", "topic_id": 47, "title": "What worked at our hand-over", "post_id": 57, "number": 1, "user_id": 2, "username": "ana", "name": "Ana Almeida", "passages": ["Our hand-over used to lose half of the questions.", "Last week I tried reading the list aloud before anybody left.", "It worked: we had two calls back instead of seven, and nobody stayed late.", "Last week I tried reading the list aloud before anybody left."], "pieces": []}], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "story", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "told", "slot": "2027-03-17T10:00:00+00:00", "position": 0, "send_by": "2027-03-20T10:00:00+00:00", "patience": 259200.0}','{"topic_id": 53, "post_id": 70}','',0,'2027-03-17 10:00:00.000000','2027-03-17 10:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-talk-again-20270317-2aa461ed70b7','127.0.0.1:4290','spring','ours','talk-again','2027-03-17 10:00:00.000000','with-2-5','message','done','{"kind": "message", "raw": "Ana Almeida and Dora Dahl, in half an hour of talk you hear how somebody else does what you do every day, and what they gave up on. You have written in the same topic, [What day 15 was like](http://127.0.0.1:4290/t/what-day-15-was-like/48); talking goes further.\n- [Ana Almeida](http://127.0.0.1:4290/u/ana)\n- [Dora Dahl](http://127.0.0.1:4290/u/dora)\n\n**A question to begin with.** Which conversation at work did you put off longest this year, and what was your first sentence when it came?\n\nFirst sentences can be borrowed. You may go home with one.\n\n**A first suggestion:** Saturday 20\u00a0March, 12:30, by phone or on screen. If that does not suit, name two other times here. Take the first that works.\n\nIf you would rather not be brought together with others, tell [Lea Lund](http://127.0.0.1:4290/u/lea), and that is settled.\n", "reason": "Ana Almeida and Dora Dahl have not answered each other here so far.", "part": "with-2-5", "title": "Ana Almeida and Dora Dahl: half an hour to talk", "recipients": ["ana", "dora"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [2, 5], "refs": ["pair", "together", "while-in:spring", "question:in-pairs/last-hard-talk"], "citations": [{"use": "link", "topic_id": 48, "title": "", "post_id": null, "number": 1, "user_id": null, "username": "", "name": "", "passages": [], "pieces": []}], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": "2027-03-20T12:30:00+00:00", "play": "pair", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "talk-again", "slot": "2027-03-17T10:00:00+00:00", "position": 0, "send_by": "2027-03-24T10:00:00+00:00", "patience": 604800.0}','{"topic_id": 54, "post_id": 72}','',0,'2027-03-17 10:00:00.000000','2027-03-17 10:00:00.000000',NULL,'2027-03-17 10:00:00.000000',NULL);
INSERT INTO "ledger" VALUES('lcm-spring-talk-again-20270317-e44ab6b57620','127.0.0.1:4290','spring','ours','talk-again','2027-03-17 10:00:00.000000','with-3-14','message','done','{"kind": "message", "raw": "Ben Brandt and Rita Roth, in half an hour of talk you hear how somebody else does what you do every day, and what they gave up on. So far you have hardly crossed paths here.\n- [Ben Brandt](http://127.0.0.1:4290/u/ben)\n- [Rita Roth](http://127.0.0.1:4290/u/rita)\n\n**A question to begin with.** Which conversation at work did you put off longest this year, and what was your first sentence when it came?\n\nFirst sentences can be borrowed. You may go home with one.\n\n**A first suggestion:** Saturday 20\u00a0March, 12:30, by phone or on screen. If that does not suit, name two other times here. Take the first that works.\n\nIf you would rather not be brought together with others, tell [Lea Lund](http://127.0.0.1:4290/u/lea), and that is settled.\n", "reason": "Ben Brandt and Rita Roth have not answered each other here so far.", "part": "with-3-14", "title": "Ben Brandt and Rita Roth: half an hour to talk", "recipients": ["ben", "rita"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [3, 14], "refs": ["pair", "together", "while-in:spring", "question:in-pairs/last-hard-talk"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": "2027-03-20T12:30:00+00:00", "play": "pair", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "talk-again", "slot": "2027-03-17T10:00:00+00:00", "position": 2, "send_by": "2027-03-24T10:00:00+00:00", "patience": 604800.0}','{"topic_id": 55, "post_id": 73}','',0,'2027-03-17 10:00:00.000000','2027-03-17 10:00:00.000000',NULL,'2027-03-17 10:00:00.000000',NULL);
INSERT INTO "ledger" VALUES('lcm-spring-talk-again-20270317-21485b4cdf2a','127.0.0.1:4290','spring','ours','talk-again','2027-03-17 10:00:00.000000','with-4-15','message','intended','{"kind": "message", "raw": "Cleo Costa and Sam Sand, in half an hour of talk you hear how somebody else does what you do every day, and what they gave up on. So far you have hardly crossed paths here.\n- [Cleo Costa](http://127.0.0.1:4290/u/cleo)\n- [Sam Sand](http://127.0.0.1:4290/u/sam)\n\n**A question to begin with.** Which conversation at work did you put off longest this year, and what was your first sentence when it came?\n\nFirst sentences can be borrowed. You may go home with one.\n\n**A first suggestion:** Saturday 20\u00a0March, 12:30, by phone or on screen. If that does not suit, name two other times here. Take the first that works.\n\nIf you would rather not be brought together with others, tell [Lea Lund](http://127.0.0.1:4290/u/lea), and that is settled.\n", "reason": "Cleo Costa and Sam Sand have not answered each other here so far.", "part": "with-4-15", "title": "Cleo Costa and Sam Sand: half an hour to talk", "recipients": ["cleo", "sam"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [4, 15], "refs": ["pair", "together", "while-in:spring", "question:in-pairs/last-hard-talk"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": "2027-03-20T12:30:00+00:00", "play": "pair", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "talk-again", "slot": "2027-03-17T10:00:00+00:00", "position": 4, "send_by": "2027-03-24T10:00:00+00:00", "patience": 604800.0}','{}','',0,'2027-03-17 10:00:00.000000','2027-03-17 10:00:00.000000',NULL,'2027-03-17 10:00:00.000000',NULL);
INSERT INTO "ledger" VALUES('lcm-spring-talk-again-20270317-12219f57cc20','127.0.0.1:4290','spring','ours','talk-again','2027-03-17 10:00:00.000000','with-6-7','message','intended','{"kind": "message", "raw": "Eva Engel and Finn Faber, in half an hour of talk you hear how somebody else does what you do every day, and what they gave up on. So far you have hardly crossed paths here.\n- [Eva Engel](http://127.0.0.1:4290/u/eva)\n- [Finn Faber](http://127.0.0.1:4290/u/finn)\n\n**A question to begin with.** Which conversation at work did you put off longest this year, and what was your first sentence when it came?\n\nFirst sentences can be borrowed. You may go home with one.\n\n**A first suggestion:** Saturday 20\u00a0March, 12:30, by phone or on screen. If that does not suit, name two other times here. Take the first that works.\n\nIf you would rather not be brought together with others, tell [Lea Lund](http://127.0.0.1:4290/u/lea), and that is settled.\n", "reason": "Eva Engel and Finn Faber have not answered each other here so far.", "part": "with-6-7", "title": "Eva Engel and Finn Faber: half an hour to talk", "recipients": ["eva", "finn"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [6, 7], "refs": ["pair", "together", "while-in:spring", "question:in-pairs/last-hard-talk"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": "2027-03-20T12:30:00+00:00", "play": "pair", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "talk-again", "slot": "2027-03-17T10:00:00+00:00", "position": 6, "send_by": "2027-03-24T10:00:00+00:00", "patience": 604800.0}','{}','',0,'2027-03-17 10:00:00.000000','2027-03-17 10:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-talk-again-20270317-e8d1741d1f82','127.0.0.1:4290','spring','ours','talk-again','2027-03-17 10:00:00.000000','with-13-16','message','intended','{"kind": "message", "raw": "Olga Orth and Tom Thal, in half an hour of talk you hear how somebody else does what you do every day, and what they gave up on. So far you have hardly crossed paths here.\n- [Olga Orth](http://127.0.0.1:4290/u/olga)\n- [Tom Thal](http://127.0.0.1:4290/u/tom)\n\n**A question to begin with.** Which conversation at work did you put off longest this year, and what was your first sentence when it came?\n\nFirst sentences can be borrowed. You may go home with one.\n\n**A first suggestion:** Saturday 20\u00a0March, 12:30, by phone or on screen. If that does not suit, name two other times here. Take the first that works.\n\nIf you would rather not be brought together with others, tell [Lea Lund](http://127.0.0.1:4290/u/lea), and that is settled.\n", "reason": "Olga Orth and Tom Thal have not answered each other here so far.", "part": "with-13-16", "title": "Olga Orth and Tom Thal: half an hour to talk", "recipients": ["olga", "tom"], "topic_id": null, "tags": [], "pin_days": null, "approval": "none", "about_posts": [], "about_users": [13, 16], "refs": ["pair", "together", "while-in:spring", "question:in-pairs/last-hard-talk"], "citations": [], "signed": [], "to_learner": null, "answers_learner": false, "precedence": 0, "locale": "", "translations": [], "not_after": "2027-03-20T12:30:00+00:00", "play": "pair", "category_id": 5, "cohort_name": "Spring", "playbook": "ours", "step": "talk-again", "slot": "2027-03-17T10:00:00+00:00", "position": 8, "send_by": "2027-03-24T10:00:00+00:00", "patience": 604800.0}','{}','',0,'2027-03-17 10:00:00.000000','2027-03-17 10:00:00.000000',NULL,NULL,NULL);
INSERT INTO "ledger" VALUES('lcm-spring-told-1184fd2fe6616d92','127.0.0.1:4290','spring','ours','story-care','2027-03-17 10:00:00.000000','told','reply','done','{"kind": "reply", "raw": "Ana Almeida, your story is out: [Ana Almeida tried reading the list aloud before anybody left](http://127.0.0.1:4290/t/53). Thank you for letting others learn from it. Should you change your mind, say so here, and it comes down.\n", "reason": "post 57: yes", "part": "told", "title": null, "recipients": [], "topic_id": 49, "tags": [], "pin_days": null, "approval": "none", "about_posts": [57], "about_users": [2], "refs": ["story-care"], "citations": [], "signed": [], "to_learner": 2, "answers_learner": true, "precedence": 0, "locale": "", "translations": [], "not_after": null, "play": "story-care", "category_id": 0, "cohort_name": "Spring", "playbook": "ours", "step": "story-care", "slot": "2027-03-17T10:00:00+00:00", "position": 0}','{"topic_id": 49, "post_id": 71}','',0,'2027-03-17 10:00:00.000000','2027-03-17 10:00:00.000000',2,NULL,NULL);
CREATE TABLE likes (
	forum VARCHAR(255) NOT NULL, 
	post_id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	author_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (forum, post_id, user_id)
);
INSERT INTO "likes" VALUES('127.0.0.1:4290',41,2,3,'2027-03-05 09:00:00.000000');
INSERT INTO "likes" VALUES('127.0.0.1:4290',46,3,4,'2027-03-08 08:00:00.000000');
INSERT INTO "likes" VALUES('127.0.0.1:4290',57,3,2,'2027-03-15 11:00:00.000000');
CREATE TABLE mail_stops (
	forum VARCHAR(255) NOT NULL, 
	email VARCHAR(320) NOT NULL, 
	why VARCHAR(15) NOT NULL, 
	reason TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, email)
);
INSERT INTO "mail_stops" VALUES('127.0.0.1:4290','jo@example.org','unsubscribed','','2026-11-29 20:00:49.598489');
CREATE TABLE "memberships" (
	forum VARCHAR(255) NOT NULL, 
	group_name VARCHAR(40) NOT NULL, 
	user_id INTEGER NOT NULL, 
	role VARCHAR(10) NOT NULL, 
	username VARCHAR(60) NOT NULL, 
	person VARCHAR(255) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	run VARCHAR(40) NOT NULL, 
	at DATETIME NOT NULL, 
	cohort VARCHAR(40) DEFAULT ('') NOT NULL, 
	digests TEXT DEFAULT ('') NOT NULL, 
	since DATETIME, 
	clean_runs INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (forum, group_name, user_id, role)
);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring',2,'member','ana','id:p1','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','spring','f64551fcd6f07823 86b9260a115ceac8',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring',3,'member','ben','id:p2','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','spring','3946ca64ff78d93c 9de4dcc67240d506',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring',5,'member','dora','id:p4','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','spring','ab71fc4c8a1c4d62 215ed56a01ceec56',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring',6,'member','eva','id:p5','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','spring','536c351ae15e5f5e 3f12bb17de259e16',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring',7,'member','finn','id:p6','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','spring','7d087a2e212c110e a9b3cf28e3800600',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring',9,'member','lea','id:p8','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','spring','9b85c0828dcfbc88 cd3f6bd6faff3e31',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring',14,'member','rita','id:p13','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','spring','dc9251edd5241fd4 a81c44911051110f',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring',15,'member','sam','id:p14','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','spring','b11e9a1a5e0b8e53 22e7ba7a5786d8fb',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring',16,'member','tom','id:p15','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','spring','839dcfec1c9ef899 0770fa44e4ec997f',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring-lcm',9,'member','lea','id:p8','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','spring','9b85c0828dcfbc88 cd3f6bd6faff3e31',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring',9,'owner','lea','id:p8','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','spring','9b85c0828dcfbc88 cd3f6bd6faff3e31',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','summer',10,'member','ida','id:p9','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','summer','26148c43a19c95f0 ebb04c0ee85f2fc3',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','summer',11,'member','jan','id:p10','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','summer','8860646b40f17b10 a3ff11319b5ef6b1',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','summer',9,'member','lea','id:p8','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','summer','9b85c0828dcfbc88 cd3f6bd6faff3e31',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','summer-lcm',9,'member','lea','id:p8','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','summer','9b85c0828dcfbc88 cd3f6bd6faff3e31',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','summer',9,'owner','lea','id:p8','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','summer','9b85c0828dcfbc88 cd3f6bd6faff3e31',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','winter',12,'member','kim','id:p11','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','winter','274c9ccdd7cc9ac3 1b8d24966640ed8b',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','winter',9,'member','lea','id:p8','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','winter','9b85c0828dcfbc88 cd3f6bd6faff3e31',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','winter-lcm',9,'member','lea','id:p8','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','winter','9b85c0828dcfbc88 cd3f6bd6faff3e31',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','winter',9,'owner','lea','id:p8','added','sync-20270225T090000-4e4aa5d4','2027-02-25 09:00:00.000000','winter','9b85c0828dcfbc88 cd3f6bd6faff3e31',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring',13,'member','olga','mail:olga@example.org','added','sync-20270226T090000-9c5edf18','2027-02-26 09:00:00.000000','spring','0450de3d14dfa2d0',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring',4,'member','cleo','id:p3','added','sync-20270228T080000-385bf978','2027-02-28 08:00:00.000000','spring','43bb00d0ce7790a5 5ae22dc1c344cf93',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring',4,'owner','cleo','id:p3','removed','undo-20270228T090000-c7c6efee','2027-02-28 09:00:00.000000','spring','43bb00d0ce7790a5 5ae22dc1c344cf93',NULL,0);
INSERT INTO "memberships" VALUES('127.0.0.1:4290','spring-lcm',4,'member','cleo','id:p3','removed','undo-20270228T090000-c7c6efee','2027-02-28 09:00:00.000000','spring','43bb00d0ce7790a5 5ae22dc1c344cf93',NULL,0);
CREATE TABLE occurrences (
	"key" VARCHAR(50) NOT NULL, 
	forum VARCHAR(255) NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	playbook VARCHAR(80) NOT NULL, 
	step VARCHAR(80) NOT NULL, 
	slot DATETIME NOT NULL, 
	outcome VARCHAR(20) NOT NULL, 
	reason TEXT NOT NULL, 
	at DATETIME NOT NULL, follow_up VARCHAR(40) DEFAULT '' NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "occurrences" VALUES('lcm-spring-hello-20270301-42c0f3820a3c','127.0.0.1:4290','spring','ours','hello','2027-03-01 09:00:00.000000','done','The playbook opens this topic at this moment.','2027-03-01 09:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-spring-ask-20270301-3c80649fba82','127.0.0.1:4290','spring','ours','ask','2027-03-01 09:00:00.000000','done','The next prompt of the deck; three are left after it.','2027-03-01 09:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-spring-plan-20270301-611a4fbcba85','127.0.0.1:4290','spring','ours','plan','2027-03-01 09:00:00.000000','done','Everybody is asked for a plan of their own, with a day and a witness.','2027-03-01 09:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-summer-hello-20270301-cb9b35b2a150','127.0.0.1:4290','summer','ours','hello','2027-03-01 08:00:00.000000','done','Le parcours ouvre ce sujet à ce moment.','2027-03-01 09:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-summer-ask-20270301-c1731b2e434d','127.0.0.1:4290','summer','ours','ask','2027-03-01 08:00:00.000000','done','La question suivante de la série ; il en reste trois après elle.','2027-03-01 09:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-spring-task-20270302-ddf6661c6287','127.0.0.1:4290','spring','ours','task','2027-03-02 09:00:00.000000','done','The playbook gives this task at this moment; it is due Sunday 21 March, 18:00.','2027-03-02 09:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-spring-tell-managers-20270303-576200d79a32','127.0.0.1:4290','spring','ours','tell-managers','2027-03-03 11:00:00.000000','done','One manager gets a mail.','2027-03-03 11:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-summer-tell-managers-20270303-5d0f14102a66','127.0.0.1:4290','summer','ours','tell-managers','2027-03-03 10:00:00.000000','nothing','Personne à qui écrire : adresse inconnue, messages refusés, ou réponse déjà donnée.','2027-03-03 11:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-spring-talk-20270304-38473f183630','127.0.0.1:4290','spring','ours','talk','2027-03-04 10:00:00.000000','done','five groups are brought together.','2027-03-04 10:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-summer-more-20270309-00eb6dd74809','127.0.0.1:4290','summer','ours','more','2027-03-09 08:00:00.000000','done','La question suivante de la série ; il en reste deux après elle.','2027-03-09 08:30:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-spring-more-20270309-b4e6d3c2bf6c','127.0.0.1:4290','spring','ours','more','2027-03-09 09:00:00.000000','done','The next prompt of the deck; two are left after it.','2027-03-09 09:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-summer-may-i-20270309-81d71cd10727','127.0.0.1:4290','summer','ours','may-i','2027-03-09 09:00:00.000000','nothing','sur les 7 derniers jours, aucune réussite dont l’auteur n’ait pas été sollicité récemment','2027-03-09 09:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-spring-may-i-20270309-6f4cb56059bf','127.0.0.1:4290','spring','ours','may-i','2027-03-09 10:00:00.000000','waiting','Cleo Costa: The post tells what was tried and what came of it, with a figure. One person liked it and one replied.','2027-03-09 10:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-summer-told-20270310-e557115124f4','127.0.0.1:4290','summer','ours','told','2027-03-10 09:00:00.000000','done','Aucune réussite n’a encore l’accord de la personne qui l’a écrite.','2027-03-10 09:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-spring-told-20270310-64f548c005a2','127.0.0.1:4290','spring','ours','told','2027-03-10 10:00:00.000000','done','No story has its author’s consent yet.','2027-03-10 10:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-spring-meet-20270321-244c246023a5','127.0.0.1:4290','spring','ours','meet','2027-03-14 16:00:00.000000','done','The session is on Sunday 21 March, 16:00–17:00 (UTC).','2027-03-15 10:00:00.000000','announce');
INSERT INTO "occurrences" VALUES('lcm-spring-hinders-20270315-1917eb3008b0','127.0.0.1:4290','spring','ours','hinders','2027-03-15 12:00:00.000000','nothing','nothing new is in the way','2027-03-16 10:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-spring-may-i-20270316-1eeda72f046f','127.0.0.1:4290','spring','ours','may-i','2027-03-16 10:00:00.000000','waiting','Ana Almeida: The post tells what was tried and what came of it. One person liked it and one replied.','2027-03-16 10:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-spring-hinders-20270316-3e4674ecac1c','127.0.0.1:4290','spring','ours','hinders','2027-03-16 12:00:00.000000','nothing','nothing new is in the way','2027-03-16 15:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-spring-quiet-20270317-38c161598869','127.0.0.1:4290','spring','ours','quiet','2027-03-17 09:00:00.000000','waiting','Three people are written to. One person, drawn by lot, gets no message.','2027-03-17 09:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-spring-told-20270317-e08c30cb300f','127.0.0.1:4290','spring','ours','told','2027-03-17 10:00:00.000000','done','Ana Almeida agreed to it. The post tells what was tried and what came of it. One person liked it and one replied.','2027-03-17 10:00:00.000000','');
INSERT INTO "occurrences" VALUES('lcm-spring-talk-again-20270317-afcb79105098','127.0.0.1:4290','spring','ours','talk-again','2027-03-17 10:00:00.000000','done','five groups are brought together.','2027-03-17 10:00:00.000000','');
CREATE TABLE posts (
	forum VARCHAR(255) NOT NULL, 
	id INTEGER NOT NULL, 
	topic_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	username VARCHAR(60) NOT NULL, 
	name TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	raw TEXT, 
	cooked TEXT NOT NULL, 
	likes INTEGER NOT NULL, 
	reads INTEGER NOT NULL, 
	reply_to INTEGER, 
	accepted BOOLEAN NOT NULL, 
	PRIMARY KEY (forum, id)
);
INSERT INTO "posts" VALUES('127.0.0.1:4290',23,22,1,1,'forumadmin','Forum Admin','2027-02-25 09:00:00.000000','This is the place of the cohort Spring: the weekly question, your answers, and what you found out. What is written here can be read by the members of the cohort and those who look after it.','<p>This is the place of the cohort Spring: the weekly question, your answers, and what you found out. What is written here can be read by the members of the cohort and those who look after it.</p>',0,0,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',27,26,1,1,'forumadmin','Forum Admin','2027-03-01 09:00:00.000000','Welcome. For the next four weeks this is where we meet between sessions. Bring situations from your own team as they are. They do not have to be finished, or flattering.

**What happens here**

- On Mondays: one thing to try at work that week. Two minutes to read, five to answer.
- On Fridays: what people here learned that week, with links. You can be away for a week and lose nothing.
- Every second week: one story told in full, if its author agrees.

**Your first post, today if you can**

Reply here with three sentences:

1. Where you work, and how many people count on you.
2. One thing that you want to do differently with them before Thursday 25 March.
3. Something that people usually learn about you only in the second year.

Then read two introductions, and answer the one whose situation is closest to yours. That may be the person you ring in a month.

What is told here stays here. People outside this group need no name: “a colleague” or “my manager” is enough.

Not sure where something belongs, or stuck? Write to [Lea Lund](http://127.0.0.1:4290/u/lea).','<p>Welcome. For the next four weeks this is where we meet between sessions. Bring situations from your own team as they are. They do not have to be finished, or flattering.</p>
<p><strong>What happens here</strong></p>
<ul>
<li>On Mondays: one thing to try at work that week. Two minutes to read, five to answer.</li>
<li>On Fridays: what people here learned that week, with links. You can be away for a week and lose nothing.</li>
<li>Every second week: one story told in full, if its author agrees.</li>
</ul>
<p><strong>Your first post, today if you can</strong></p>
<p>Reply here with three sentences:</p>
<ol>
<li>Where you work, and how many people count on you.</li>
<li>One thing that you want to do differently with them before Thursday 25&nbsp;March.</li>
<li>Something that people usually learn about you only in the second year.</li>
</ol>
<p>Then read two introductions, and answer the one whose situation is closest to yours. That may be the person you ring in a month.</p>
<p>What is told here stays here. People outside this group need no name: “a colleague” or “my manager” is enough.</p>
<p>Not sure where something belongs, or stuck? Write to <a href="http://127.0.0.1:4290/u/lea">Lea Lund</a>.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',29,27,1,1,'forumadmin','Forum Admin','2027-03-01 09:00:00.000000','Think of the last time your feedback landed badly. What was the first sentence you said? Post that sentence as you said it, and the one you would open with today. If you can say it to the same colleague this week, do, and tell us what came back.

**Why it is worth five minutes.** The first ten seconds decide whether the rest is heard, and we are the last to hear how ours sound.

A few lines are enough, and your phone will do. Then read one answer that is not yours, and ask its author something.','<p>Think of the last time your feedback landed badly. What was the first sentence you said? Post that sentence as you said it, and the one you would open with today. If you can say it to the same colleague this week, do, and tell us what came back.</p>
<p><strong>Why it is worth five minutes.</strong> The first ten seconds decide whether the rest is heard, and we are the last to hear how ours sound.</p>
<p>A few lines are enough, and your phone will do. Then read one answer that is not yours, and ask its author something.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',24,23,1,1,'forumadmin','Forum Admin','2027-02-25 09:00:00.000000','C’est ici que se retrouve la cohorte Été : la question de la semaine, vos réponses et ce que vous avez découvert. Seuls les membres de la cohorte et son équipe d’accompagnement lisent ce qui s’écrit ici.','<p>C’est ici que se retrouve la cohorte Été&nbsp;: la question de la semaine, vos réponses et ce que vous avez découvert. Seuls les membres de la cohorte et son équipe d’accompagnement lisent ce qui s’écrit ici.</p>',0,0,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',31,29,1,1,'forumadmin','Forum Admin','2027-03-01 09:00:00.000000','Bienvenue. Pendant six semaines, c’est ici que nous nous retrouverons entre les séances. Apportez des situations de votre équipe, telles qu’elles sont : inutile qu’elles soient abouties ou flatteuses.

**Ce qui vous attend**

- Le lundi, une chose à essayer au travail dans la semaine. Deux minutes pour la lire, cinq pour répondre.
- Le vendredi, ce que le groupe a appris dans la semaine, avec les liens. Vous pouvez vous absenter une semaine sans rien perdre.
- Une semaine sur deux, l’expérience de l’un ou l’une d’entre vous, racontée en entier, avec son accord.

**Votre premier message, aujourd’hui si possible**

Répondez ici en trois phrases :

1. Où vous travaillez, et combien de personnes comptent sur vous.
2. Ce que vous voulez faire autrement avec elles d’ici au vendredi 9 avril.
3. Ce qu’on n’apprend de vous, d’habitude, qu’au bout d’un an.

Lisez ensuite deux présentations, et répondez à celle dont la situation ressemble le plus à la vôtre. C’est peut-être la personne que vous appellerez dans un mois.

Ce qui se raconte ici reste ici. Les personnes extérieures au groupe n’ont pas besoin de nom : « une collègue », « mon responsable » suffisent.

Un doute, un blocage ? Écrivez à [Lea Lund](http://127.0.0.1:4290/u/lea).','<p>Bienvenue. Pendant six semaines, c’est ici que nous nous retrouverons entre les séances. Apportez des situations de votre équipe, telles qu’elles sont&nbsp;: inutile qu’elles soient abouties ou flatteuses.</p>
<p><strong>Ce qui vous attend</strong></p>
<ul>
<li>Le lundi, une chose à essayer au travail dans la semaine. Deux minutes pour la lire, cinq pour répondre.</li>
<li>Le vendredi, ce que le groupe a appris dans la semaine, avec les liens. Vous pouvez vous absenter une semaine sans rien perdre.</li>
<li>Une semaine sur deux, l’expérience de l’un ou l’une d’entre vous, racontée en entier, avec son accord.</li>
</ul>
<p><strong>Votre premier message, aujourd’hui si possible</strong></p>
<p>Répondez ici en trois phrases&nbsp;:</p>
<ol>
<li>Où vous travaillez, et combien de personnes comptent sur vous.</li>
<li>Ce que vous voulez faire autrement avec elles d’ici au vendredi 9&nbsp;avril.</li>
<li>Ce qu’on n’apprend de vous, d’habitude, qu’au bout d’un an.</li>
</ol>
<p>Lisez ensuite deux présentations, et répondez à celle dont la situation ressemble le plus à la vôtre. C’est peut-être la personne que vous appellerez dans un mois.</p>
<p>Ce qui se raconte ici reste ici. Les personnes extérieures au groupe n’ont pas besoin de nom&nbsp;: «&nbsp;une collègue&nbsp;», «&nbsp;mon responsable&nbsp;» suffisent.</p>
<p>Un doute, un blocage&nbsp;? Écrivez à <a href="http://127.0.0.1:4290/u/lea">Lea Lund</a>.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',33,30,1,1,'forumadmin','Forum Admin','2027-03-01 09:00:00.000000','Repensez à la dernière fois où un retour que vous faisiez est mal passé. Quelle a été votre première phrase ? Écrivez-la ici telle quelle, puis celle par laquelle vous commenceriez aujourd’hui. Si vous pouvez la dire au même collègue ou à la même collègue cette semaine, faites-le, et racontez-nous la suite.

**Pourquoi y passer cinq minutes.** Tout se joue dans les dix premières secondes, et ce sont celles où l’on s’écoute le moins.

Quelques lignes suffisent, depuis votre téléphone si vous voulez. Lisez ensuite une réponse qui n’est pas la vôtre, et posez une question à la personne qui l’a écrite.','<p>Repensez à la dernière fois où un retour que vous faisiez est mal passé. Quelle a été votre première phrase&nbsp;? Écrivez-la ici telle quelle, puis celle par laquelle vous commenceriez aujourd’hui. Si vous pouvez la dire au même collègue ou à la même collègue cette semaine, faites-le, et racontez-nous la suite.</p>
<p><strong>Pourquoi y passer cinq minutes.</strong> Tout se joue dans les dix premières secondes, et ce sont celles où l’on s’écoute le moins.</p>
<p>Quelques lignes suffisent, depuis votre téléphone si vous voulez. Lisez ensuite une réponse qui n’est pas la vôtre, et posez une question à la personne qui l’a écrite.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',41,37,1,3,'ben','Ben Brandt','2027-03-05 09:00:00.000000','It was long, and we handed over late. What was yours like?','<p>It was long, and we handed over late. What was yours like?</p>',1,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',42,37,2,2,'ana','Ana Almeida','2027-03-05 09:00:00.000000','It was no shorter for us, but the list helped.','<p>It was no shorter for us, but the list helped.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',43,37,3,6,'eva','Eva Engel','2027-03-05 09:00:00.000000','Ours was short, for once, since everybody was there.','<p>Ours was short, for once, since everybody was there.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',30,28,1,1,'forumadmin','Forum Admin','2027-03-01 09:00:00.000000','Choose one thing that you will do differently at work, and write it here as a plan, in a reply of two sentences:

> When (a situation that is sure to come), I will (what you do or say first), on (which day). (Somebody at work) will see it, or hear about it from me.

An example: “When the early shift hands over on Thursday, I will ask what was left open before I say anything myself. A colleague from the early shift will tell me how it looked.” A plan with a day and a witness is carried out far more often than a good intention.

On the morning after your day, a message to you alone brings back your own words and asks what became of them. A tap or a line is enough. Some weeks later it comes back once more, and then never again. If the plan changes before its day, change your reply; if you delete it, nobody asks.

Nothing comes to mind? Tell [Lea Lund](http://127.0.0.1:4290/u/lea) what you do on an ordinary Tuesday; there is always something in it.','<p>Choose one thing that you will do differently at work, and write it here as a plan, in a reply of two sentences:</p>
<blockquote>
<p>When (a situation that is sure to come), I will (what you do or say first), on (which day). (Somebody at work) will see it, or hear about it from me.</p>
</blockquote>
<p>An example: “When the early shift hands over on Thursday, I will ask what was left open before I say anything myself. A colleague from the early shift will tell me how it looked.” A plan with a day and a witness is carried out far more often than a good intention.</p>
<p>On the morning after your day, a message to you alone brings back your own words and asks what became of them. A tap or a line is enough. Some weeks later it comes back once more, and then never again. If the plan changes before its day, change your reply; if you delete it, nobody asks.</p>
<p>Nothing comes to mind? Tell <a href="http://127.0.0.1:4290/u/lea">Lea Lund</a> what you do on an ordinary Tuesday; there is always something in it.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',34,28,2,2,'ana','Ana Almeida','2027-03-01 09:00:00.000000','When the late shift comes on Saturday, I will ask first. Ben will hear it.','<p>When the late shift comes on Saturday, I will ask first. Ben will hear it.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',48,40,1,1,'forumadmin','Forum Admin','2027-03-09 09:00:00.000000','Which decision will you delegate this week, to which role in your team, and what will you do if it comes back to you? Write your three answers here before you hand it over. Then let go of it until Friday, and tell us what happened.

**Why it is worth five minutes.** It is when the decision comes back that most of us take it back. It helps to have the answer ready.

Three sentences will do. If somebody’s answer surprises you, say what you would have done.','<p>Which decision will you delegate this week, to which role in your team, and what will you do if it comes back to you? Write your three answers here before you hand it over. Then let go of it until Friday, and tell us what happened.</p>
<p><strong>Why it is worth five minutes.</strong> It is when the decision comes back that most of us take it back. It helps to have the answer ready.</p>
<p>Three sentences will do. If somebody’s answer surprises you, say what you would have done.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',46,39,1,4,'cleo','Cleo Costa','2027-03-08 08:00:00.000000','Before, our Monday round took an hour and nobody listened. On Monday I tried to let each person say one thing. It worked: we were done in twenty minutes, and two problems were solved on the spot.','<p>Before, our Monday round took an hour and nobody listened. On Monday I tried to let each person say one thing. It worked: we were done in twenty minutes, and two problems were solved on the spot.</p>',1,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',47,39,2,3,'ben','Ben Brandt','2027-03-08 08:00:00.000000','I tried the same on my ward and it worked for us as well, thank you.','<p>I tried the same on my ward and it worked for us as well, thank you.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',55,45,1,5,'dora','Dora Dahl','2027-03-14 09:00:00.000000','I am stuck: the printer of the late shift prints no lists, and nobody answers.','<p>I am stuck: the printer of the late shift prints no lists, and nobody answers.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',25,24,1,1,'forumadmin','Forum Admin','2027-02-25 09:00:00.000000','This is the place of the cohort Winter: the weekly question, your answers, and what you found out. What is written here can be read by the members of the cohort and those who look after it.','<p>This is the place of the cohort Winter: the weekly question, your answers, and what you found out. What is written here can be read by the members of the cohort and those who look after it.</p>',0,0,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',56,46,1,1,'forumadmin','Forum Admin','2027-03-15 10:00:00.000000','[date-range from=2027-03-21T16:00:00 to=2027-03-21T17:00:00 timezone="UTC"]

Allow 60 minutes; most of it goes to what you bring. Come with one situation from your own work that you have not solved: who was there, what you tried, what happened next. Two sentences in your head are enough; nobody prepares slides.

Is there something that the session has to answer for you? Write it below, so that it is on the table when we start.

If you cannot come, a line to [Lea Lund](http://127.0.0.1:4290/u/lea) is enough.','<p><span class="discourse-local-date" data-date="2027-03-21" data-range="from" data-time="16:00:00" data-timezone="UTC">2027-03-21T16:00:00 (UTC)</span>→<span class="discourse-local-date" data-date="2027-03-21" data-range="to" data-time="17:00:00" data-timezone="UTC">2027-03-21T17:00:00 (UTC)</span></p>
<p>Allow 60 minutes; most of it goes to what you bring. Come with one situation from your own work that you have not solved: who was there, what you tried, what happened next. Two sentences in your head are enough; nobody prepares slides.</p>
<p>Is there something that the session has to answer for you? Write it below, so that it is on the table when we start.</p>
<p>If you cannot come, a line to <a href="http://127.0.0.1:4290/u/lea">Lea Lund</a> is enough.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',35,31,1,1,'forumadmin','Forum Admin','2027-03-02 09:00:00.000000','Before **Sunday 21 March, 18:00**, choose one conversation that you have been putting off at work, and have it. Then write half a page here, in a reply to this topic:

1. What you wanted to say, in one sentence, as you had it in your head beforehand.
2. What you said first, word for word if you still have it.
3. What the other person did with it, and what you agreed on.

Writing takes about 30 minutes. The person you spoke to needs no name: “a colleague” is enough. A conversation that went badly is worth as much here as one that went well.

Is that day impossible for you, or does no conversation come to mind? Write to [Lea Lund](http://127.0.0.1:4290/u/lea) before it.','<p>Before <strong>Sunday 21&nbsp;March, 18:00</strong>, choose one conversation that you have been putting off at work, and have it. Then write half a page here, in a reply to this topic:</p>
<ol>
<li>What you wanted to say, in one sentence, as you had it in your head beforehand.</li>
<li>What you said first, word for word if you still have it.</li>
<li>What the other person did with it, and what you agreed on.</li>
</ol>
<p>Writing takes about 30 minutes. The person you spoke to needs no name: “a colleague” is enough. A conversation that went badly is worth as much here as one that went well.</p>
<p>Is that day impossible for you, or does no conversation come to mind? Write to <a href="http://127.0.0.1:4290/u/lea">Lea Lund</a> before it.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',57,47,1,2,'ana','Ana Almeida','2027-03-15 11:00:00.000000','Our hand-over used to lose half of the questions. Last week I tried reading the list aloud before anybody left. It worked: we had two calls back instead of seven, and nobody stayed late.','<p>Our hand-over used to lose half of the questions. Last week I tried reading the list aloud before anybody left. It worked: we had two calls back instead of seven, and nobody stayed late.</p>',1,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',58,47,2,3,'ben','Ben Brandt','2027-03-15 11:00:00.000000','I tried the same on my ward and it worked for us as well, thank you.','<p>I tried the same on my ward and it worked for us as well, thank you.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',59,48,1,3,'ben','Ben Brandt','2027-03-15 13:00:00.000000','It was long, and we handed over late. What was yours like?','<p>It was long, and we handed over late. What was yours like?</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',60,48,2,2,'ana','Ana Almeida','2027-03-15 13:00:00.000000','It was no shorter for us, says ana.','<p>It was no shorter for us, says ana.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',61,48,3,5,'dora','Dora Dahl','2027-03-15 13:00:00.000000','It was no shorter for us, says dora.','<p>It was no shorter for us, says dora.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',62,48,4,6,'eva','Eva Engel','2027-03-15 13:00:00.000000','It was no shorter for us, says eva.','<p>It was no shorter for us, says eva.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',63,48,5,4,'cleo','Cleo Costa','2027-03-15 13:00:00.000000','It was no shorter for us, says cleo.','<p>It was no shorter for us, says cleo.</p>',0,1,NULL,0);
INSERT INTO "posts" VALUES('127.0.0.1:4290',64,48,6,13,'olga','Olga Orth','2027-03-15 13:00:00.000000','It was no shorter for us, says olga.','<p>It was no shorter for us, says olga.</p>',0,1,NULL,0);
CREATE TABLE practice_marks (
	forum VARCHAR(255) NOT NULL, 
	post_id INTEGER NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, post_id)
);
INSERT INTO "practice_marks" VALUES('127.0.0.1:4290',57,'spring','2027-03-16 14:00:00.000000');
CREATE TABLE replies (
	forum VARCHAR(255) NOT NULL, 
	post_id INTEGER NOT NULL, 
	topic_id INTEGER NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	user_id INTEGER NOT NULL, 
	username VARCHAR(60) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	outcome VARCHAR(10) NOT NULL, 
	content JSON NOT NULL, 
	answered BOOLEAN NOT NULL, 
	changed_said BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, post_id)
);
INSERT INTO "replies" VALUES('127.0.0.1:4290',52,43,'spring',6,'eva','35035c512b12d8cc415ef5d6699644fa8ed743db08c92f2318346de18cfbf4e5','choice','{}',1,0,'2027-03-10 10:00:00.000000');
INSERT INTO "replies" VALUES('127.0.0.1:4290',67,50,'spring',3,'ben','0b90c75da5b054afc7cd23a04ed027a651de3ff5242da765ca82b5a79f9746ad','task','{}',1,0,'2027-03-16 15:00:00.000000');
CREATE TABLE runs (
	id VARCHAR(40) NOT NULL, 
	command VARCHAR(80) NOT NULL, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	outcome VARCHAR(20) NOT NULL, 
	summary JSON NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "runs" VALUES('sync-20270225T120000-32f37e97','sync','2027-02-25 12:00:00.000000','2027-02-25 12:00:00.000000','done','{"done": 5, "failed": 0}');
INSERT INTO "runs" VALUES('sync-20270225T090000-4e4aa5d4','sync','2027-02-25 09:00:00.000000','2027-02-25 09:00:00.000000','done','{"done": 31, "failed": 0}');
INSERT INTO "runs" VALUES('sync-20270226T090000-9c5edf18','sync','2027-02-26 09:00:00.000000','2027-02-26 09:00:00.000000','done','{"done": 1, "failed": 0}');
INSERT INTO "runs" VALUES('sync-20270228T080000-385bf978','sync','2027-02-28 08:00:00.000000','2027-02-28 08:00:00.000000','done','{"done": 1, "failed": 0}');
INSERT INTO "runs" VALUES('sync-20270228T090000-46d6f998','sync','2027-02-28 09:00:00.000000','2027-02-28 09:00:00.000000','done','{"done": 2, "failed": 0}');
INSERT INTO "runs" VALUES('undo-20270228T090000-c7c6efee','undo sync-20270228T090000-46d6f998','2027-02-28 09:00:00.000000','2027-02-28 09:00:00.000000','done','{"done": 2, "failed": 0}');
INSERT INTO "runs" VALUES('sync-20270305T100000-41e90e81','sync','2027-03-05 10:00:00.000000','2027-03-05 10:00:00.000000','done','{"done": 1, "failed": 0}');
INSERT INTO "runs" VALUES('sync-20270310T110000-53e68bf1','sync','2027-03-10 11:00:00.000000','2027-03-10 11:00:00.000000','done','{"done": 2, "failed": 0}');
CREATE TABLE seen (
	forum VARCHAR(255) NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	name VARCHAR(60) NOT NULL, 
	forum_id INTEGER NOT NULL, 
	count INTEGER NOT NULL, 
	mark VARCHAR(120) NOT NULL, 
	content JSON NOT NULL, 
	read_at DATETIME NOT NULL, 
	PRIMARY KEY (forum, kind, name)
);
INSERT INTO "seen" VALUES('127.0.0.1:4291','before','harbour',41,0,'','{"members": []}','2027-02-25 12:00:00.000000');
INSERT INTO "seen" VALUES('127.0.0.1:4291','group','harbour',41,2,'','{"members": [[2, "mia", "Mia"], [3, "noa", "Noa"]], "owners": []}','2027-02-25 12:00:00.000000');
INSERT INTO "seen" VALUES('127.0.0.1:4291','group','harbour-lcm',42,0,'','{"members": [], "owners": []}','2027-02-25 12:00:00.000000');
INSERT INTO "seen" VALUES('127.0.0.1:4291','category','5',5,0,'','{"permissions": {"harbour": 1, "harbour-lcm": 1, "staff": 1}, "moderators": []}','2027-02-25 12:00:00.000000');
INSERT INTO "seen" VALUES('127.0.0.1:4290','group','spring',41,11,'d5619a3c7d1aa7b340ae7d0b026107f5','{"members": [[2, "ana", "Ana Almeida"], [3, "ben", "Ben Brandt"], [4, "cleo", "Cleo Costa"], [5, "dora", "Dora Dahl"], [6, "eva", "Eva Engel"], [7, "finn", "Finn Faber"], [9, "lea", "Lea Lund"], [13, "olga", "Olga Orth"], [14, "rita", "Rita Roth"], [15, "sam", "Sam Sand"], [16, "tom", "Tom Thal"]], "owners": [9]}','2027-03-05 10:00:00.000000');
INSERT INTO "seen" VALUES('127.0.0.1:4290','group','spring-lcm',42,1,'d5619a3c7d1aa7b340ae7d0b026107f5','{"members": [[9, "lea", "Lea Lund"]], "owners": []}','2027-03-05 10:00:00.000000');
INSERT INTO "seen" VALUES('127.0.0.1:4290','group','summer',43,3,'b347654980b9af98a863a6b6618420d9','{"members": [[9, "lea", "Lea Lund"], [10, "ida", "Ida Imbert"], [11, "jan", "Jan Jolivet"]], "owners": [9]}','2027-03-10 11:00:00.000000');
INSERT INTO "seen" VALUES('127.0.0.1:4290','group','summer-lcm',44,1,'b347654980b9af98a863a6b6618420d9','{"members": [[9, "lea", "Lea Lund"]], "owners": []}','2027-03-10 11:00:00.000000');
INSERT INTO "seen" VALUES('127.0.0.1:4290','group','winter',45,2,'9f51a9ca89dc3b0305180b5d7cb33ffc','{"members": [[9, "lea", "Lea Lund"], [12, "kim", "Kim Kern"]], "owners": [9]}','2027-03-10 11:00:00.000000');
INSERT INTO "seen" VALUES('127.0.0.1:4290','group','winter-lcm',46,1,'9f51a9ca89dc3b0305180b5d7cb33ffc','{"members": [[9, "lea", "Lea Lund"]], "owners": []}','2027-03-10 11:00:00.000000');
CREATE TABLE settlements (
	id VARCHAR(32) NOT NULL, 
	forum VARCHAR(255) NOT NULL, 
	person VARCHAR(255) NOT NULL, 
	label TEXT NOT NULL, 
	user_id INTEGER, 
	username VARCHAR(60) NOT NULL, 
	fingerprint VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	"before" JSON, 
	"by" TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	undone_by TEXT, 
	undone_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "settlements" VALUES('d6a22d060f4d4d5c8dcc5645d407718d','127.0.0.1:4290','id:p4','Dora Dahl',5,'dora','c2fb888d87d30e9b','her own word','{"user_id": 5, "username": "dora", "matched_by": "email", "evidence": {"external_id": "ab71fc4c8a1c4d62", "email": "215ed56a01ceec56", "name": "69db31976ead37b8 ddd9cfdbdfdab272", "roster": "c2fb888d87d30e9b", "account_name": "69db31976ead37b8 ddd9cfdbdfdab272"}, "made_at": "2027-02-25T09:00:00+00:00", "at": "2027-02-25T09:00:00+00:00"}','lea','2027-03-10 11:00:00.000000',NULL,NULL);
CREATE TABLE talks (
	forum VARCHAR(255) NOT NULL, 
	topic_id INTEGER NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	upto INTEGER NOT NULL, 
	bumped_at DATETIME NOT NULL, 
	PRIMARY KEY (forum, topic_id)
);
INSERT INTO "talks" VALUES('127.0.0.1:4290',38,'',2,'2027-03-07 09:00:00.000000');
INSERT INTO "talks" VALUES('127.0.0.1:4290',41,'',2,'2027-03-09 15:00:00.000000');
INSERT INTO "talks" VALUES('127.0.0.1:4290',43,'',2,'2027-03-10 10:00:00.000000');
INSERT INTO "talks" VALUES('127.0.0.1:4290',49,'',2,'2027-03-16 14:00:00.000000');
INSERT INTO "talks" VALUES('127.0.0.1:4290',50,'',1,'2027-03-16 14:00:00.000000');
CREATE TABLE topics (
	forum VARCHAR(255) NOT NULL, 
	id INTEGER NOT NULL, 
	category_id INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	slug TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	bumped_at DATETIME, 
	posts_count INTEGER NOT NULL, 
	like_count INTEGER NOT NULL, 
	views INTEGER NOT NULL, 
	tags JSON NOT NULL, 
	closed BOOLEAN NOT NULL, 
	external_id VARCHAR(50), 
	PRIMARY KEY (forum, id)
);
INSERT INTO "topics" VALUES('127.0.0.1:4290',22,5,'About the Spring category','about-the-spring-category','2027-02-25 09:00:00.000000',NULL,0,0,0,'[]',0,NULL);
INSERT INTO "topics" VALUES('127.0.0.1:4290',26,5,'Spring: who we are','spring-who-we-are','2027-03-01 09:00:00.000000',NULL,0,0,0,'["hello"]',0,'lcm-spring-hello-20270301-42c0f3820a3c');
INSERT INTO "topics" VALUES('127.0.0.1:4290',27,5,'Spring, week 1: The sentence you opened with','spring-week-1-the-sentence-you-opened-with','2027-03-01 09:00:00.000000',NULL,0,0,0,'[]',0,'lcm-spring-ask-20270301-3c80649fba82');
INSERT INTO "topics" VALUES('127.0.0.1:4290',28,5,'Spring: one thing, one day, one witness','spring-one-thing-one-day-one-witness','2027-03-01 09:00:00.000000',NULL,0,0,0,'[]',0,'lcm-spring-plan-20270301-611a4fbcba85');
INSERT INTO "topics" VALUES('127.0.0.1:4290',31,5,'Spring: half a page on one conversation','spring-half-a-page-on-one-conversation','2027-03-02 09:00:00.000000',NULL,0,0,0,'[]',0,'lcm-spring-task-20270302-ddf6661c6287');
INSERT INTO "topics" VALUES('127.0.0.1:4290',23,6,'À propos de la catégorie Été','a-propos-de-la-categorie-ete','2027-02-25 09:00:00.000000','2027-02-25 09:00:00.000000',1,0,0,'[]',0,NULL);
INSERT INTO "topics" VALUES('127.0.0.1:4290',29,6,'Été : qui nous sommes','ete-qui-nous-sommes','2027-03-01 09:00:00.000000','2027-03-01 09:00:00.000000',2,0,0,'["hello"]',0,'lcm-summer-hello-20270301-cb9b35b2a150');
INSERT INTO "topics" VALUES('127.0.0.1:4290',30,6,'Été, semaine 1 : Votre première phrase','ete-semaine-1-votre-premiere-phrase','2027-03-01 09:00:00.000000','2027-03-01 09:00:00.000000',1,0,0,'[]',0,'lcm-summer-ask-20270301-c1731b2e434d');
INSERT INTO "topics" VALUES('127.0.0.1:4290',37,5,'What this week was like','what-this-week-was-like','2027-03-05 09:00:00.000000',NULL,0,0,0,'[]',0,NULL);
INSERT INTO "topics" VALUES('127.0.0.1:4290',39,5,'What worked in our Monday round','what-worked-in-our-monday-round','2027-03-08 08:00:00.000000',NULL,0,0,0,'[]',0,NULL);
INSERT INTO "topics" VALUES('127.0.0.1:4290',40,5,'Spring, week 2: One decision that need not be yours','spring-week-2-one-decision-that-need-not-be-yours','2027-03-09 09:00:00.000000',NULL,0,0,0,'[]',0,'lcm-spring-more-20270309-b4e6d3c2bf6c');
INSERT INTO "topics" VALUES('127.0.0.1:4290',45,5,'The printer of the late shift','the-printer-of-the-late-shift','2027-03-14 09:00:00.000000',NULL,0,0,0,'[]',0,NULL);
INSERT INTO "topics" VALUES('127.0.0.1:4290',24,7,'About the Winter category','about-the-winter-category','2027-02-25 09:00:00.000000',NULL,0,0,0,'[]',0,NULL);
INSERT INTO "topics" VALUES('127.0.0.1:4290',46,5,'Spring: we meet on Sunday 21 March','spring-we-meet-on-sunday-21-march','2027-03-15 10:00:00.000000',NULL,0,0,0,'[]',0,'lcm-spring-meet-20270321-244c246023a5');
INSERT INTO "topics" VALUES('127.0.0.1:4290',47,5,'What worked at our hand-over','what-worked-at-our-hand-over','2027-03-15 11:00:00.000000',NULL,0,0,0,'[]',0,NULL);
INSERT INTO "topics" VALUES('127.0.0.1:4290',48,5,'What day 15 was like','what-day-15-was-like','2027-03-15 13:00:00.000000',NULL,0,0,0,'[]',0,NULL);
CREATE TABLE trials (
	"key" VARCHAR(50) NOT NULL, 
	forum VARCHAR(255) NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	playbook VARCHAR(80) NOT NULL, 
	step VARCHAR(80) NOT NULL, 
	user_id INTEGER NOT NULL, 
	held_out BOOLEAN NOT NULL, 
	share DOUBLE NOT NULL, 
	slot DATETIME NOT NULL, 
	until DATETIME NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "trials" VALUES('lcm-spring-quiet-20270317-94a5d39afb31','127.0.0.1:4290','spring','ours','quiet',7,0,0.15,'2027-03-17 09:00:00.000000','2027-03-31 09:00:00.000000');
INSERT INTO "trials" VALUES('lcm-spring-quiet-20270317-da84a0e5b0d5','127.0.0.1:4290','spring','ours','quiet',14,0,0.15,'2027-03-17 09:00:00.000000','2027-03-31 09:00:00.000000');
INSERT INTO "trials" VALUES('lcm-spring-quiet-20270317-b1d6b57db06c','127.0.0.1:4290','spring','ours','quiet',15,1,0.15,'2027-03-17 09:00:00.000000','2027-03-31 09:00:00.000000');
INSERT INTO "trials" VALUES('lcm-spring-quiet-20270317-c8127f25ca0f','127.0.0.1:4290','spring','ours','quiet',16,0,0.15,'2027-03-17 09:00:00.000000','2027-03-31 09:00:00.000000');
CREATE TABLE "unpaired" (
	forum VARCHAR(255) NOT NULL, 
	group_name VARCHAR(40) NOT NULL, 
	user_id INTEGER NOT NULL, 
	username VARCHAR(60) NOT NULL, 
	run VARCHAR(40) NOT NULL, 
	at DATETIME NOT NULL, 
	"left" BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (forum, group_name, user_id)
);
INSERT INTO "unpaired" VALUES('127.0.0.1:4291','harbour',2,'mia','sync-20270225T120000-32f37e97','2027-02-25 12:00:00.000000',0);
INSERT INTO "unpaired" VALUES('127.0.0.1:4291','harbour',3,'noa','sync-20270225T120000-32f37e97','2027-02-25 12:00:00.000000',0);
CREATE TABLE visits (
	forum VARCHAR(255) NOT NULL, 
	user_id INTEGER NOT NULL, 
	day DATE NOT NULL, 
	posts_read INTEGER NOT NULL, 
	seconds_read INTEGER NOT NULL, 
	PRIMARY KEY (forum, user_id, day)
);
INSERT INTO "visits" VALUES('127.0.0.1:4290',2,'2027-03-01',2,0);
INSERT INTO "visits" VALUES('127.0.0.1:4290',2,'2027-03-05',2,0);
INSERT INTO "visits" VALUES('127.0.0.1:4290',3,'2027-03-05',1,0);
INSERT INTO "visits" VALUES('127.0.0.1:4290',6,'2027-03-05',3,0);
INSERT INTO "visits" VALUES('127.0.0.1:4290',3,'2027-03-08',2,0);
INSERT INTO "visits" VALUES('127.0.0.1:4290',4,'2027-03-08',1,0);
INSERT INTO "visits" VALUES('127.0.0.1:4290',5,'2027-03-14',1,0);
INSERT INTO "visits" VALUES('127.0.0.1:4290',2,'2027-03-15',3,0);
INSERT INTO "visits" VALUES('127.0.0.1:4290',3,'2027-03-15',3,0);
INSERT INTO "visits" VALUES('127.0.0.1:4290',4,'2027-03-15',5,0);
INSERT INTO "visits" VALUES('127.0.0.1:4290',5,'2027-03-15',3,0);
INSERT INTO "visits" VALUES('127.0.0.1:4290',6,'2027-03-15',4,0);
INSERT INTO "visits" VALUES('127.0.0.1:4290',13,'2027-03-15',6,0);
CREATE TABLE waiting (
	forum VARCHAR(255) NOT NULL, 
	cohort VARCHAR(40) NOT NULL, 
	number INTEGER NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	subject VARCHAR(120) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	user_id INTEGER, 
	username VARCHAR(60) NOT NULL, 
	words TEXT NOT NULL, 
	topic_id INTEGER, 
	state VARCHAR(10) NOT NULL, 
	not_before DATETIME, 
	decided_by VARCHAR(60) NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, cohort, number)
);
INSERT INTO "waiting" VALUES('127.0.0.1:4290','spring',1,'draft','lcm-spring-may-i-20270316-a0269f1eced2','e3f01745ceded186fbe6d0cf5d1a5bf38b8e5b2af2507fc7413010c09cefe7d7',2,'','',NULL,'open',NULL,'','2026-11-29 20:00:54.706534');
INSERT INTO "waiting" VALUES('127.0.0.1:4290','spring',2,'task','wrote:67','',3,'ben','Who is responsible for the list of the late shift now?',50,'open',NULL,'','2027-03-16 15:00:00.000000');
INSERT INTO "waiting" VALUES('127.0.0.1:4290','spring',3,'draft','lcm-spring-quiet-20270317-94a5d39afb31','f350300d358b3553cb5860e788a0c68a5575949f567e55fb333a5a7183431dab',7,'','',NULL,'open',NULL,'','2026-11-29 20:00:58.890989');
INSERT INTO "waiting" VALUES('127.0.0.1:4290','spring',4,'draft','lcm-spring-quiet-20270317-da84a0e5b0d5','7adf2ef86d76a6edc1a98b275c4119140611c9eddda3f5fed59c6814b1b0315f',14,'','',NULL,'open',NULL,'','2026-11-29 20:00:58.890989');
INSERT INTO "waiting" VALUES('127.0.0.1:4290','spring',5,'draft','lcm-spring-quiet-20270317-c8127f25ca0f','212ba8cd8e5b32ca3cebb087e424793318b9e0685729a045217391d394ea9e57',16,'','',NULL,'open',NULL,'','2026-11-29 20:00:58.890989');
CREATE TABLE webhook_events (
	forum VARCHAR(255) NOT NULL, 
	event_id VARCHAR(64) NOT NULL, 
	event VARCHAR(60) NOT NULL, 
	topic_id INTEGER, 
	worked BOOLEAN DEFAULT 0 NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (forum, event_id)
);
INSERT INTO "webhook_events" VALUES('127.0.0.1:4290','1','post_created',1,0,'2027-03-17 10:00:00.000000');
INSERT INTO "webhook_events" VALUES('127.0.0.1:4290','2','post_created',2,0,'2027-03-17 10:00:00.000000');
CREATE INDEX ix_call_waiters_forum ON call_waiters (forum);
CREATE INDEX calls_by_end ON calls (forum, ends);
CREATE INDEX ix_consents_cohort ON consents (cohort);
CREATE INDEX ix_drafts_cohort ON drafts (cohort);
CREATE INDEX ix_drafts_state ON drafts (state);
CREATE INDEX ix_ledger_cohort ON ledger (cohort);
CREATE INDEX ix_ledger_forum ON ledger (forum);
CREATE INDEX ix_ledger_state ON ledger (state);
CREATE INDEX ix_occurrences_cohort ON occurrences (cohort);
CREATE INDEX ix_posts_created_at ON posts (created_at);
CREATE INDEX ix_posts_user_id ON posts (user_id);
CREATE INDEX posts_by_topic ON posts (forum, topic_id, number);
CREATE INDEX ix_topics_category_id ON topics (category_id);
CREATE INDEX ix_changes_state ON changes (state);
CREATE INDEX ix_likes_author_id ON likes (author_id);
CREATE INDEX settlements_by_person ON settlements (forum, person);
CREATE INDEX ledger_by_learner ON ledger (forum, to_learner, sent_at);
CREATE INDEX evidence_by_person ON evidence (forum, user_id);
CREATE INDEX ix_commitments_cohort ON commitments (cohort);
CREATE INDEX posts_by_author ON posts (forum, user_id, created_at);
CREATE INDEX ix_blocker_words_cohort ON blocker_words (cohort);
CREATE INDEX ix_briefing_answers_cohort ON briefing_answers (cohort);
CREATE INDEX waiting_by_subject ON waiting (forum, subject);
CREATE INDEX ix_replies_topic_id ON replies (topic_id);
CREATE INDEX ix_replies_answered ON replies (answered);
CREATE INDEX trials_by_cohort ON trials (forum, cohort);
COMMIT;
