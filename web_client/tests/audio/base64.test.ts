import { expect, it } from "vitest";
import { Base64Encoder, decodeBase64, decodePcm16 } from "../../src/audio/base64";

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 89 + 7) & 255);

it.each([0, 1, 2, 3, 4, 5, 255, 960, 961])("agrees with the platform on %i bytes", (length) => {
  const input = bytes(length);
  const text = Buffer.from(input).toString("base64");
  expect(new Base64Encoder().encode(input)).toBe(text);
  expect(decodeBase64(text)).toEqual(input);
});

it("can be used again for shorter and longer input", () => {
  const encoder = new Base64Encoder();
  for (const length of [960, 12, 2_000, 1]) {
    expect(encoder.encode(bytes(length))).toBe(Buffer.from(bytes(length)).toString("base64"));
  }
});

it("decodes without padding too", () => {
  expect(decodeBase64("AQI")).toEqual(Uint8Array.of(1, 2));
});

it("reads little-endian samples and drops an odd byte", () => {
  expect(decodePcm16(Buffer.from([0x34, 0x12, 0xff, 0xff, 0x07]).toString("base64"))).toEqual(
    Int16Array.of(0x1234, -1),
  );
});
