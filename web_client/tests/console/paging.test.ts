import { expect, it } from "vitest";
import { withNewest, withOlder } from "../../src/console/paging";

const keyOf = (row: { id: string }): string => row.id;
const rows = (...ids: string[]): { id: string; name?: string }[] => ids.map((id) => ({ id }));

it("keeps what older pages brought when the first one is asked for again", () => {
  const first = withNewest(null, { items: rows("d", "c"), next_cursor: "after c" }, keyOf);
  expect(first.next).toBe("after c");
  const both = withOlder(first, { items: rows("c", "b", "a"), next_cursor: null }, keyOf);
  expect(both.rows.map(keyOf)).toEqual(["d", "c", "b", "a"]);
  const later = withNewest(both, { items: [{ id: "e" }, { id: "d", name: "new" }], next_cursor: "after d" }, keyOf);
  expect(later.rows.map(keyOf)).toEqual(["e", "d", "c", "b", "a"]);
  expect(later.rows[1]?.name).toBe("new");
  expect(later.next).toBeNull();
});

it("forgets what is no more once one page holds everything", () => {
  const known = { rows: rows("b", "a"), next: "after a" };
  expect(withNewest(known, { items: rows("b"), next_cursor: null }, keyOf)).toEqual({ rows: rows("b"), next: null });
});
