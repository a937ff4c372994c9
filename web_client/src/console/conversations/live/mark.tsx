import type { ReactElement } from "react";

/** It goes on now. */
export const LiveMark = (): ReactElement => <span className="live-mark" aria-hidden="true" />;
