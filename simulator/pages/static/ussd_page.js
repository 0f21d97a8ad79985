// The page of feature phones: one for each shopper.

import { FeaturePhone } from "./ussd.js";

const state = await (await fetch("/phones/state")).json();
const phones = state.shoppers.map((shopper) => new FeaturePhone(shopper, state.sellers));
document.getElementById("phones").replaceChildren(...phones.map((phone) => phone.node));
