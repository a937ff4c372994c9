import { Component, type ReactNode } from "react";

/** Keeps a fault in one part of the page, such as an answer of another version of the server, from taking the rest. */
export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return <p className="card problem">This part cannot be shown. Reload the page.</p>;
  }
}
