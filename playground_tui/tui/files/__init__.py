"""Files and vector stores on the screen: their own screen, the assistant's tools, a message's attachments, citations.
Contract: it shows `workspace.library` and a conversation's attachments, and hands every change to them."""
