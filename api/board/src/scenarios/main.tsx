import "../styles/base.css";
import "./scenarios.css";
import { render } from "preact";
import { Signed } from "../common/Signed";
import { Page } from "./Page";

const page = document.getElementById("page");
if (page !== null) {
  render(
    <Signed>
      <Page />
    </Signed>,
    page,
  );
}
