namespace SoftIov.Tests.Lab.Demo;

/// <summary>Text with somebody who looks at each line as it is written.</summary>
internal sealed class WatchedWriter(Action<string> onLine) : StringWriter
{
    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        onLine(value ?? "");
    }
}
