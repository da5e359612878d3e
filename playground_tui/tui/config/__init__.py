"""The configuration pane and the messages by which it tells what a person does."""

from playground_tui.tui.config.pane import ConfigPane

FieldEdited = ConfigPane.FieldEdited
FieldRejected = ConfigPane.FieldRejected
RunSettingEdited = ConfigPane.RunSettingEdited
RunSettingRejected = ConfigPane.RunSettingRejected
CreateRequested = ConfigPane.CreateRequested
ModelsWanted = ConfigPane.ModelsWanted
ZoomRequested = ConfigPane.ZoomRequested

__all__ = [
    "ConfigPane",
    "CreateRequested",
    "FieldEdited",
    "FieldRejected",
    "ModelsWanted",
    "RunSettingEdited",
    "RunSettingRejected",
    "ZoomRequested",
]
