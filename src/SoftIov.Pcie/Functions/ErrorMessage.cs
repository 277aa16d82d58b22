using SoftIov.Memory;

namespace SoftIov.Pcie;

/// <summary>An error message on its way to the root port (PCIe 2.2.8.3).</summary>
/// <param name="Source">Routing id of the function that reports.</param>
/// <param name="Severity">Which message.</param>
internal readonly record struct ErrorMessage(RequesterId Source, ErrorSeverity Severity);
