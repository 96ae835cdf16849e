"""What a person at a terminal sees: the prompt, colours, marked matches."""

import os
import pty
import select
import subprocess
import time

from podium_case import PODIUM, PodiumCase, main


class Terminal:
    """The program on a pseudo-terminal."""

    def __init__(self, case, *arguments, **env):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen([PODIUM, *arguments], stdin=slave, stdout=slave, stderr=slave,
                                        env=case.environment(**{"NO_COLOR": None, "TERM": "xterm", **env}),
                                        start_new_session=True)
        os.close(slave)
        self.seen = ""

    def wait_for(self, text, seconds=20):
        """Reads until `text` has come since the last call; returns what came."""
        end = time.monotonic() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError("%r did not come; so far:\n%s" % (text, self.seen))
            try:
                self.seen += os.read(self.master, 65536).decode("utf-8", "replace")
            except OSError:
                raise AssertionError("the program ended before %r:\n%s" % (text, self.seen)) from None
        seen, self.seen = self.seen, ""
        return seen

    def type(self, text):
        os.write(self.master, text.encode("utf-8"))

    def close(self):
        code = self.process.wait(timeout=20)
        os.close(self.master)
        return code


class InteractiveSearchTest(PodiumCase):
    def setUp(self):
        super().setUp()
        self.need_terminals()
        corpus = self.write("corpus.jsonl", '{"_id": "a", "title": "", "text": "flow in a wind tunnel"}\n'
                                            '{"_id": "b", "title": "Paris", "text": "the capital"}\n')
        self.podium("index", self.path("index"), corpus)

    def test_prompt_answers_and_leaves_at_end_of_input(self):
        terminal = Terminal(self, "search", self.path("index"))
        self.assertIn("2 documents", terminal.wait_for("podium> "))
        terminal.type("tunnels\n")
        answer = terminal.wait_for("podium> ")
        self.assertIn("\033[1ma\033[0m", answer)
        self.assertIn("\033[1;33mtunnel\033[0m", answer)
        terminal.type("\n")
        terminal.wait_for("podium> ")
        terminal.type("\x04")
        self.assertEqual(terminal.close(), 0)

    def test_ctrl_c_leaves_the_prompt(self):
        terminal = Terminal(self, "search", self.path("index"))
        terminal.wait_for("podium> ")
        terminal.process.send_signal(2)
        self.assertEqual(terminal.close(), 0)

    def test_no_color_is_honoured(self):
        terminal = Terminal(self, "search", self.path("index"), "tunnel", NO_COLOR="1")
        self.assertNotIn("\033[", terminal.wait_for("ms"))
        self.assertEqual(terminal.close(), 0)


if __name__ == "__main__":
    main()
