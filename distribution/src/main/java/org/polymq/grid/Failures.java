/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

/**
 * Failed logins of one user from one address, as they lie in the grid.
 *
 * @param lastAt ms since the epoch
 */
record Failures(int count, long lastAt) {}
