namespace SoftIov.Api;

/// <summary>Configuration space as <c>lspci -F FILE</c> reads it.</summary>
/// <param name="Text">The dump.</param>
public sealed record LspciResult(string Text);
