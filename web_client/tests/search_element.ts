/** `<search>` as browsers have it: the document that tests run in does not know it yet, and React warns of what it takes
 * for a slip. */
if (typeof HTMLUnknownElement !== "undefined") {
  Object.defineProperty(HTMLUnknownElement.prototype, Symbol.toStringTag, {
    get(this: Element) {
      return this.localName === "search" ? "HTMLElement" : "HTMLUnknownElement";
    },
  });
}
