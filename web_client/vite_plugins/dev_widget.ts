import type { Plugin } from "vite";

/** While developing, `/widget.js` and `/talk` are served from the sources. */
export function devWidget(): Plugin {
  return {
    name: "dev-widget",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        if (request.url === "/widget.js") request.url = "/src/widget/main.ts";
        else if (request.url?.split(/[?#]/)[0] === "/talk") request.url = "/talk.html";
        next();
      });
    },
  };
}
