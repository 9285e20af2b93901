import "../styles/base.css";
import "../styles/timeline.css";
import { render } from "preact";
import { Choices } from "../common/Choices";
import { Signed } from "../common/Signed";

const page = document.getElementById("page");
if (page !== null) {
  render(
    <Signed>
      <header class="topbar">
        <Choices />
      </header>
    </Signed>,
    page,
  );
}
