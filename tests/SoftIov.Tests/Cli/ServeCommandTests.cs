using SoftIov.Cli.Commands;
using Xunit;

namespace SoftIov.Tests.Cli;

/// <summary><c>serve</c> becomes the daemon.</summary>
public class ServeCommandTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "softiov");

    [Fact]
    public async Task The_process_becomes_softiovd_with_its_options()
    {
        string help = await Shell.RunAsync(Program, "--socket", "/tmp/some.sock", "serve", "--", "--help");

        Assert.Contains("softiovd [options]", help);
    }

    [Fact]
    public async Task Its_exit_code_is_the_daemons()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Shell.RunAsync(Program, "serve", "--pollers", "1000"));

        Assert.Contains("--pollers", error.Message);
    }

    [Fact]
    public void The_daemon_is_looked_for_next_to_the_command_line_and_in_a_folder_of_its_own()
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory("softiov-serve-");
        try
        {
            string here = root.CreateSubdirectory("softiov").FullName;
            Assert.Null(ServeCommand.Find(here));

            string apart = Path.Combine(root.CreateSubdirectory("softiovd").FullName, "softiovd");
            File.WriteAllText(apart, "");
            Assert.Equal(apart, Path.GetFullPath(ServeCommand.Find(here)!));

            string beside = Path.Combine(here, "softiovd");
            File.WriteAllText(beside, "");
            Assert.Equal(beside, ServeCommand.Find(here));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
