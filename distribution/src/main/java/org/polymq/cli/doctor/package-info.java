/* SPDX-License-Identifier: Apache-2.0 */
/** {@code polymq doctor}: what on this machine would keep a server from working well, and how to change it. */
@NullMarked
package org.polymq.cli.doctor;

import org.jspecify.annotations.NullMarked;
