import { type ReactElement, useEffect, useRef, useState } from "react";
import { capital } from "./parts";
import { GROUPS, linkTo, type Route } from "./router";

/** Every page, by what belongs together; where there is no room beside the page, behind a button. */
export function Navigation({ route }: { route: Route }): ReactElement {
  const [open, setOpen] = useState(false);
  const here = useRef<HTMLAnchorElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever has gone to a page wants to see it
  useEffect(() => setOpen(false), [route.page, route.id]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a low window shows some of the pages
  useEffect(() => {
    here.current?.scrollIntoView?.({ block: "nearest" });
  }, [route.page]);
  return (
    <nav className="pages" aria-label="Pages" onKeyDown={(event) => event.key === "Escape" && setOpen(false)}>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="sr">Pages: </span>
        {capital(route.page)}
      </button>
      <div data-open={open}>
        {GROUPS.map(({ name, pages }) => (
          <ul key={name} aria-label={name || undefined} data-name={name}>
            {pages.map((page) => (
              <li key={page}>
                <a
                  ref={page === route.page ? here : undefined}
                  href={linkTo(page)}
                  aria-current={page === route.page ? "page" : undefined}
                  onClick={() => setOpen(false)}
                >
                  {capital(page)}
                </a>
              </li>
            ))}
          </ul>
        ))}
      </div>
    </nav>
  );
}
