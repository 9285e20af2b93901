import "../styles/base.css";
import "../styles/technician.css";
import { effect } from "@preact/signals";
import { render } from "preact";
import { say } from "../common/language";
import { DayPage } from "./DayPage";
import { Door } from "./Door";

effect(() => {
  document.title = say("My day", "我的一天");
});

// Only over https, or on the machine itself, may a page work without a network.
if ("serviceWorker" in navigator) {
  void navigator.serviceWorker.register("./worker.js", { scope: "./technician.html" });
}

const page = document.getElementById("page");
if (page !== null) {
  render(
    <Door>
      <DayPage />
    </Door>,
    page,
  );
}
