-- daily_count_take --
-- Nothing is returned where the day has had its most.
INSERT INTO daily_counts AS count (name, day, used) VALUES (%(name)s, %(day)s, 1)
ON CONFLICT (name, day) DO UPDATE SET used = count.used + 1 WHERE count.used < %(most)s
RETURNING used
