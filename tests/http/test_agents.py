"""Agents: endpoints whose task is not a plain chat answer people all the same,
each in the form of its own."""

from support.client import new_id
from support.wire import wait_until
from support.workspace import WorkspaceCase

CHAT_AGENT = "databricks-weather-agent"
SUPERVISOR = "databricks-supervisor-agent"
KNOWLEDGE = "databricks-knowledge-assistant"


class Agents(WorkspaceCase):
    endpoints = (CHAT_AGENT, SUPERVISOR, KNOWLEDGE)

    def ask(self, endpoint, *questions):
        """The replies of one chat, once the server knows what it asks."""
        def attempt():
            session = new_id()
            replies = [self.user.say(question, session,
                                     serving_endpoint=endpoint)
                       for question in questions]
            done = all(r.last["status"] == "complete" for r in replies)
            return (session, replies) if done else None
        return wait_until(attempt, what=f"a chat with {endpoint}")

    def check(self, endpoint):
        session, replies = self.ask(
            endpoint, "hello, short please", "and once more, short")
        stored = [m for m in self.user.messages(session)
                  if m["role"] == "assistant"]
        self.assertEqual([m["content"] for m in stored],
                         [reply.text for reply in replies])
        for reply in replies:
            self.assertEqual(reply.text.count("This is the built-in demo"), 1)
            self.assertTrue(reply.last["sources"])
        self.assertIn("3 messages", replies[1].text)
        return replies[0]

    def test_chat_agent_says_each_message_apart(self):
        text = self.check(CHAT_AGENT).text
        self.assertIn("I will look that up.\n\n", text)

    def test_responses_are_told_once(self):
        self.check(SUPERVISOR)

    def test_text_that_comes_with_the_finished_item_is_told(self):
        self.check(KNOWLEDGE)
