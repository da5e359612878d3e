"""The Connections screen: servers, providers, keys and aliases. Contract: it shows `workspace.connections` and hands
every change to it; nothing here talks to a network or reads the settings file."""
