"""A picture of what the player sees, when the desk asks for one: small enough to travel in one frame."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter

from lovhub.protocol.views import LARGEST_SCREENSHOT_BYTES

WIDTHS = (1280, 960, 640, 400)
QUALITIES = (70, 50, 35, 20)


def take() -> bytes:
    """The main screen as a JPEG; nothing where the system does not let it be seen."""
    return small_enough(QGuiApplication.primaryScreen().grabWindow(0).toImage())


def small_enough(image: QImage) -> bytes:
    """The best of a few sizes and qualities that is not too large; nothing if none is."""
    if image.isNull():
        return b""
    for width in WIDTHS:
        smaller = image.width() > width
        drawn = (
            image.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
            if smaller
            else image
        )
        for quality in QUALITIES:
            jpeg = _as_jpeg(drawn, quality)
            if 0 < len(jpeg) <= LARGEST_SCREENSHOT_BYTES:
                return jpeg
    return b""


def _as_jpeg(image: QImage, quality: int) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"jpg"))
    writer.setQuality(quality)
    written = writer.write(image.convertToFormat(QImage.Format.Format_RGB32))
    return bytes(buffer.data().data()) if written else b""
