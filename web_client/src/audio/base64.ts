const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = "=".charCodeAt(0);

const CODES = Uint8Array.from(ALPHABET, (letter) => letter.charCodeAt(0));
const VALUES = new Uint8Array(128);
CODES.forEach((code, value) => {
  VALUES[code] = value;
});

/** Encodes into one buffer that it keeps, so that the text is the only thing made per call. */
export class Base64Encoder {
  private text = new Uint8Array(0);
  private readonly decoder = new TextDecoder("latin1");

  encode(bytes: Uint8Array): string {
    const length = Math.ceil(bytes.length / 3) * 4;
    if (this.text.length < length) this.text = new Uint8Array(length);
    const out = this.text;
    let at = 0;
    for (let i = 0; i < bytes.length; i += 3) {
      const triple = (octet(bytes, i) << 16) | (octet(bytes, i + 1) << 8) | octet(bytes, i + 2);
      out[at++] = CODES[triple >> 18] as number;
      out[at++] = CODES[(triple >> 12) & 63] as number;
      out[at++] = i + 1 < bytes.length ? (CODES[(triple >> 6) & 63] as number) : PAD;
      out[at++] = i + 2 < bytes.length ? (CODES[triple & 63] as number) : PAD;
    }
    return this.decoder.decode(out.subarray(0, length));
  }
}

/** Decodes base64 PCM16. An odd last byte is dropped. */
export function decodePcm16(text: string): Int16Array<ArrayBuffer> {
  const bytes = decodeBase64(text);
  return new Int16Array(bytes.buffer, 0, bytes.length >> 1);
}

export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === PAD) end--;
  const bytes = new Uint8Array((end * 3) >> 2);
  let at = 0;
  for (let i = 0; i < end; i += 4) {
    const quad = (sextet(text, i, end) << 18) | (sextet(text, i + 1, end) << 12);
    const rest = quad | (sextet(text, i + 2, end) << 6) | sextet(text, i + 3, end);
    // Writes past the end of a typed array are ignored, which drops the padding's bytes.
    bytes[at++] = rest >> 16;
    bytes[at++] = (rest >> 8) & 255;
    bytes[at++] = rest & 255;
  }
  return bytes;
}

const octet = (bytes: Uint8Array, index: number): number => (index < bytes.length ? (bytes[index] as number) : 0);

const sextet = (text: string, index: number, end: number): number =>
  index < end ? (VALUES[text.charCodeAt(index) & 127] as number) : 0;
