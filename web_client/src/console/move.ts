import { useCallback } from "react";
import { type Action, useAction } from "./action";
import type { Http } from "./api/http";

/** Has something done with what is at `place`: a POST to an address beneath it. Taken or refused, it may have changed. */
export const useMove = (http: Http, place: string, onChanged: () => void): Action<[what: string, body?: object]> =>
  useAction(
    useCallback(
      async (what: string, body?: object) => {
        try {
          await http.post(`${place}/${what}`, body);
        } finally {
          onChanged();
        }
      },
      [http, place, onChanged],
    ),
  );
