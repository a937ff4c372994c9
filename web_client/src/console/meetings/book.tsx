import { type FormEvent, type ReactElement, useState } from "react";
import { useAction } from "../action";
import type { Http } from "../api/http";
import type { Booking } from "../api/types";
import { Choice } from "../choice";
import { Field } from "../field";
import { Card, Problem } from "../parts";
import { moment } from "../times";
import { FreeTime } from "./free";

interface Props {
  http: Http;
  onBooked: () => void;
}

const MINUTES = [15, 30, 45, 60, 90];
const EMPTY = { name: "", company: "", email: "", notes: "" };

/** Books a meeting at a free time; whoever has an address is invited by e-mail. */
export function BookCard({ http, onBooked }: Props): ReactElement {
  const [minutes, setMinutes] = useState(30);
  const [start, setStart] = useState("");
  const [values, setValues] = useState(EMPTY);
  const [booked, setBooked] = useState<Booking | null>(null);
  const book = useAction(async () => {
    const given = Object.fromEntries(
      Object.entries(values)
        .map(([name, value]) => [name, value.trim()])
        .filter(([, value]) => value),
    );
    // Someone who has a meeting coming is not given a second one unseen.
    const body = { start, duration_minutes: minutes, ...given, if_booked: "refuse" };
    setBooked(await http.post<Booking>("/api/bookings", body));
    setStart("");
    setValues(EMPTY);
    onBooked();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void book.run();
  };
  const about = (field: keyof typeof EMPTY) => (value: string) => setValues({ ...values, [field]: value });
  return (
    <Card title="Book a meeting">
      <form className="form two" onSubmit={submit}>
        <Choice label="How long" value={String(minutes)} onChange={(value) => setMinutes(Number(value))}>
          {MINUTES.map((each) => (
            <option key={each} value={each}>
              {each} minutes
            </option>
          ))}
        </Choice>
        <FreeTime key={booked?.id} http={http} minutes={minutes} value={start} onChange={setStart} />
        <Field label="Name" maxLength={200} value={values.name} onChange={about("name")} />
        <Field label="Company" maxLength={200} value={values.company} onChange={about("company")} />
        <Field label="E-mail, for the invitation" type="email" value={values.email} onChange={about("email")} />
        <Field label="What it is about" maxLength={2000} value={values.notes} onChange={about("notes")} />
        <p className="buttons wide">
          <button type="submit" className="primary" disabled={book.busy || !start}>
            {book.busy ? "Booking…" : "Book"}
          </button>
        </p>
        <p className="wide" role="status">
          {booked && `Booked for ${moment(booked.start)}.`}
        </p>
        <Problem error={book.error} />
      </form>
    </Card>
  );
}
