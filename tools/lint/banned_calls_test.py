import unittest

import banned_calls
from source_tree import Source

BANS = banned_calls.load()


def is_banned(line, path="src/control/a.cc"):
    return any(BANS.check(Source(path, f"void F() {{\n  {line}\n}}\n")))


class BannedCallsTest(unittest.TestCase):
    def test_clock_sleep_randomness_and_threads(self):
        for line in ("auto t = std::chrono::system_clock::now();", "auto t = time(nullptr);",
                     "std::time(&t);", "clock_gettime(CLOCK_REALTIME, &t);", "usleep(1);",
                     "std::this_thread::sleep_for(1s);", "::sleep(1);", "int r = rand();",
                     "std::random_device d;", "std::mt19937 g(1);", "std::thread t(f);",
                     "throw Error();", "localtime_r(&t, &tm);", "system(command);"):
            self.assertTrue(is_banned(line), line)

    def test_words_that_only_look_like_it(self):
        for line in ("clock_.now();", "run.time(0);", "Time time(1);", "// sleep_for(1s)",
                     'Log("use rand() here");', "std::chrono::system_clock::time_point t;",
                     "operand(1);", "asleep(1);", "std::this_thread::get_id();",
                     "my::time(nullptr);", "std::thread_local_thing x;"):
            self.assertFalse(is_banned(line), line)

    def test_os_may_and_tests_may_start_threads(self):
        self.assertFalse(is_banned("std::system_clock::now();", "src/os/clock.cc"))
        self.assertFalse(is_banned("std::thread t(f);", "src/store/a_test.cc"))
        self.assertTrue(is_banned("sleep_for(1s);", "src/store/a_test.cc"))
        self.assertFalse(is_banned("sleep_for(1s);", "bench/a.cc"))


if __name__ == "__main__":
    unittest.main()
