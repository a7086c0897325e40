"""Makes pictures of a page small: 256 colours are enough for it."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Final

from playwright.async_api import Page

_INDEXED: Final = """async (picture) => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + picture;
  await image.decode();
  const {width, height} = image;
  const canvas = new OffscreenCanvas(width, height).getContext('2d');
  canvas.drawImage(image, 0, 0);
  const pixels = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const colours = [...counts].sort((one, other) => other[1] - one[1]).slice(0, 256)
    .map(([pixel]) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255]);
  const places = new Map();
  const nearest = (pixel) => {
    const [r, g, b] = [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
    const far = colours.map((one) => (one[0] - r) ** 2 + (one[1] - g) ** 2 + (one[2] - b) ** 2);
    return far.indexOf(Math.min(...far));
  };
  // A row of PNG begins with the number of its filter.
  const rows = new Uint8Array((width + 1) * height);
  pixels.forEach((pixel, at) => {
    if (!places.has(pixel)) places.set(pixel, nearest(pixel));
    rows[at + Math.floor(at / width) + 1] = places.get(pixel);
  });
  let text = '';
  for (let at = 0; at < rows.length; at += 32768) {
    text += String.fromCharCode(...rows.subarray(at, at + 32768));
  }
  return {width, height, colours, rows: btoa(text)};
}"""


async def small(page: Page, picture: bytes) -> bytes:
    """A PNG with the commonest 256 of its colours.

    Args:
        page: of a browser, without a policy that forbids to read pictures.
        picture: the PNG.
    """
    found = await page.evaluate(_INDEXED, base64.b64encode(picture).decode())
    header = struct.pack(">IIBBBBB", found["width"], found["height"], 8, 3, 0, 0, 0)
    colours = bytes(value for colour in found["colours"] for value in colour)
    rows = zlib.compress(base64.b64decode(found["rows"]), 9)
    chunks = ((b"IHDR", header), (b"PLTE", colours), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
