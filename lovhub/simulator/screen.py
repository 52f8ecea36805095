"""What a virtual PC shows when the desk looks at its screen."""

import io

from PIL import Image, ImageDraw

_SIZE = (960, 540)
_SKY, _GROUND, _MARK = (38, 70, 110), (52, 92, 60), (235, 200, 90)


def screen_of(name: str) -> bytes:
    """A made-up game on the PC of this name, as a JPEG."""
    image = Image.new("RGB", _SIZE, _SKY)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 340, 960, 540), _GROUND)
    draw.ellipse((780, 60, 860, 140), _MARK)
    shift = sum(name.encode()) % 500
    draw.polygon([(shift + 120, 340), (shift + 230, 170), (shift + 340, 340)], (90, 96, 110))
    draw.rectangle((20, 500, 260, 520), _MARK)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=70)
    return file.getvalue()
