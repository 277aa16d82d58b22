namespace SoftIov.Lab.Demo;

/// <summary>How long the parts of a demo last that take as long as one likes.</summary>
/// <param name="Stream">The TCP stream.</param>
/// <param name="Settle">Until guests that have just worked are idle.</param>
/// <param name="Idle">The look at an idle daemon.</param>
internal sealed record DemoTimes(TimeSpan Stream, TimeSpan Settle, TimeSpan Idle);
