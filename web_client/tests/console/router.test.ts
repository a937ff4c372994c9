import { expect, it } from "vitest";
import { linkTo, readRoute } from "../../src/console/router";

it("reads what it writes", () => {
  for (const id of ["conv_1", "a/b c"]) {
    expect(readRoute(linkTo("conversations", id))).toEqual({ page: "conversations", id, part: null });
    expect(readRoute(linkTo("conversations", "c", id))).toEqual({ page: "conversations", id: "c", part: id });
  }
  expect(readRoute(linkTo("costs"))).toEqual({ page: "costs", id: null, part: null });
});

it("begins with the overview, whatever it is given", () => {
  for (const hash of ["", "#", "#/nothing/here", "#/leads2"]) {
    expect(readRoute(hash)).toEqual({ page: "overview", id: null, part: null });
  }
});

it("takes what cannot be decoded as it stands", () => {
  expect(readRoute("#/leads/100%/%zz")).toEqual({ page: "leads", id: "100%", part: "%zz" });
});
