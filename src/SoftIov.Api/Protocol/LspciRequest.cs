namespace SoftIov.Api;

/// <summary>Asks for configuration space.</summary>
/// <param name="Target"><c>net0</c> for all its functions, <c>net0/pf</c> or <c>net0/3</c>.</param>
/// <param name="View">Which view.</param>
/// <param name="From">Which of the target's functions; 0, or <see cref="LspciResult.Next"/> of the answer before.</param>
public sealed record LspciRequest(string Target, FunctionView View = FunctionView.Fabric, int From = 0);
