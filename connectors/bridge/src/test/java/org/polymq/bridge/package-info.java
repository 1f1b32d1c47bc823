/* SPDX-License-Identifier: Apache-2.0 */
@NullMarked
package org.polymq.bridge;

import org.jspecify.annotations.NullMarked;
