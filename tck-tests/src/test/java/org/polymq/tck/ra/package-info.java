/* SPDX-License-Identifier: Apache-2.0 */
/** The resource adapter, in a small container of the tests' own and in the servers that users have. */
package org.polymq.tck.ra;
